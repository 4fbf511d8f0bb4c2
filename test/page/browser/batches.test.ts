/** The list of batches in a real browser. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Browser } from "playwright-core";
import { startFixture } from "../fixture/fixture.ts";
import type { Fixture } from "../fixture/fixture.ts";
import { PRIMES, SUPPLIER_CHECK } from "../fixture/jobs.ts";
import {
  batchId,
  endedSnapshot,
  failedSnapshot,
  pausedSnapshot,
  runningSnapshot,
  view,
} from "../fixture/snapshots.ts";
import { WITHOUT_BROWSER, closeQuietPage, launch, openPage } from "./chromium.ts";
import type { WatchedPage } from "./chromium.ts";

describe.skipIf(WITHOUT_BROWSER !== null)(`batches in a browser ${WITHOUT_BROWSER ?? ""}`, () => {
  let browser: Browser;
  let fixture: Fixture;
  let opened: WatchedPage;

  beforeAll(async () => {
    browser = await launch();
  });
  beforeEach(async () => {
    fixture = await startFixture();
    fixture.jobs.push(SUPPLIER_CHECK, PRIMES);
    opened = await openPage(browser);
  });
  afterEach(async () => {
    await closeQuietPage(opened);
    await fixture.close();
  });
  afterAll(async () => browser?.close());

  function put(...snapshots: readonly ReturnType<typeof endedSnapshot>[]): void {
    for (const snapshot of snapshots) fixture.batches.set(snapshot.summary.batch, snapshot);
  }

  test("batches that work stand first, the others by day", async () => {
    const now = Date.now();
    put(
      endedSnapshot(batchId(1), now),
      runningSnapshot(batchId(2), now),
      pausedSnapshot(batchId(3), now),
      failedSnapshot(batchId(4), now),
    );
    const { page } = opened;
    await page.goto(fixture.base);
    await page.locator("tr.row").nth(3).waitFor();
    expect(await page.locator("tbody").first().locator("tr").allInnerTexts()).toEqual([
      expect.stringMatching(/^Working now\s+2$/),
      expect.stringMatching(/Running[^]*65 %[^]*7,865[^]*90[^]*34 s left[^]*1 min ago/),
      expect.stringMatching(/Paused[^]*65 %[^]*paused/),
    ]);
    await page.locator("td").getByText("Completed with failures").waitFor();
    await page.getByText("TOO_MANY_FAILURES").waitFor();
  });

  test("filters are in the address, and an empty answer offers to clear them", async () => {
    put(endedSnapshot(batchId(1), Date.now()));
    const { page } = opened;
    await page.goto(fixture.base);
    await page.getByLabel("State", { exact: true }).selectOption("paused");
    await page.getByLabel("Job", { exact: true }).selectOption("supplier-check");
    await page.getByText("No batch of supplier-check is paused.").waitFor();
    expect(new URL(page.url()).search).toBe("?job=supplier-check&state=paused");
    await page.getByRole("link", { name: "Clear the filters" }).click();
    await page.locator("tr.row").waitFor();
    expect(new URL(page.url()).search).toBe("");
  });

  test("keys move through the rows, open one and lead back", async () => {
    put(endedSnapshot(batchId(1), Date.now()), endedSnapshot(batchId(2), Date.now()));
    const { page } = opened;
    await page.goto(fixture.base);
    await page.locator("tr.row").nth(1).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "supplier-check" }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/batches/${batchId(1)}`);
    await page.keyboard.press("g");
    await page.keyboard.press("b");
    await page.getByRole("heading", { name: "Batches" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(batchId(2).toLowerCase());
    await page.waitForFunction((id) => location.search === `?batch=${id}`, batchId(2));
    await page.waitForFunction(() => document.querySelectorAll("tr.row").length === 1);
  });

  test("single keys can be switched off", async () => {
    put(endedSnapshot(batchId(1), Date.now()));
    const { page } = opened;
    await page.goto(fixture.base);
    await page.locator("tr.row").waitFor();
    await page.keyboard.press("?");
    await page.getByLabel("Single keys work").uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    expect(await page.evaluate(() => document.activeElement?.hasAttribute("data-row"))).toBe(false);
  });

  test("a batch that arrives moves no row under the focus", async () => {
    put(runningSnapshot(batchId(5), Date.now()));
    const { page } = opened;
    await page.goto(fixture.base);
    await page.locator("tr.row a").first().focus();
    put(runningSnapshot(batchId(4), Date.now()));
    await page.getByRole("button", { name: "1 new batch" }).click();
    await page.locator("tr.row").nth(1).waitFor();
    expect(await page.locator("tr.row").count()).toBe(2);
  });

  test("a batch that stops leaves those that work, also where there are more of them than a page", async () => {
    const running = (at: number) => runningSnapshot(batchId(at), Date.now());
    put(...Array.from({ length: 70 }, (_, at) => running(at)));
    const { page } = opened;
    const asked: string[] = [];
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (/^\/batches\/./.test(pathname)) asked.push(pathname.slice("/batches/".length));
    });
    await page.goto(fixture.base);
    const working = page.locator("tbody").first();
    await page.getByRole("button", { name: "Older" }).click();
    await working.locator("tr.row").nth(69).waitFor();
    put(endedSnapshot(batchId(65), Date.now()));
    await page.getByText("Completed with failures").nth(1).waitFor();
    expect(await working.locator("tr.row").count()).toBe(69);
    expect(asked).toEqual([batchId(65)]);
  });

  test("of ten thousand batches at most 500 rows are in the document", async () => {
    const ended = endedSnapshot(batchId(1), Date.now());
    for (let at = 0; at < 10_000; at++) {
      const batch = batchId(at);
      fixture.batches.set(batch, {
        ...ended,
        summary: view({ batch, state: "succeeded" }),
      });
    }
    const { page } = opened;
    await page.goto(fixture.base);
    const shown = page.locator(".list-foot span").first();
    for (let round = 2; round <= 12; round++) {
      await page.getByRole("button", { name: "Older" }).click();
      await shown.getByText(`${Math.min(500, round * 50)} shown`).waitFor();
    }
    expect(await page.locator("tr.row").count()).toBe(500);
  }, 180_000);

  test("before the first batch the page says how to start one", async () => {
    const { page } = opened;
    await page.goto(fixture.base);
    await page.getByRole("heading", { name: "No batches yet" }).waitFor();
    await page.locator(".command").nth(2).waitFor();
    expect(await page.locator(".command code").allInnerTexts()).toEqual([
      "fanjoin submit supplier-check q4.csv",
      "cp q4.csv uploads/supplier-check/",
      "POST /jobs/supplier-check/batches",
    ]);
  });
});
