/** The page of `fanjoin ui` for the deployed stack, in a real browser: every request goes to AWS signed. */
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import type { BatchSnapshot } from "../../../src/api/live/snapshot.ts";
import type { BatchHistory } from "../../../src/core/history/history.ts";
import { workspace } from "../../cli/command.ts";
import { WITHOUT_BROWSER, closeQuietPage, launch, openPage } from "../../page/browser/chromium.ts";
import type { WatchedPage } from "../../page/browser/chromium.ts";
import { dropFile, shownSum } from "../../page/browser/gestures.ts";
import { resultOf, rowsFor, textOf } from "../sales.ts";
import { BatchRequests } from "./driver/batch-requests.ts";
import { deployed } from "./driver/deployed.ts";
import { deployedStack } from "./driver/deployed-stack.ts";
import type { DeployedStack } from "./driver/deployed-stack.ts";
import { STACK } from "./stack-name.ts";

const ROWS = rowsFor(200).map((row) => (row.id % 50 === 7 ? { ...row, note: "broken" } : row));
/** A batch has ended soon, but LocalStack shares the machine with it. */
const ENDED = { timeout: 90_000 };

const sum = (points: readonly number[] = []): number => points.reduce((all, one) => all + one, 0);

describe.skipIf(WITHOUT_BROWSER !== null)(`the page of a stack ${WITHOUT_BROWSER ?? ""}`, () => {
  let stack: DeployedStack;
  let browser: Browser;
  let opened: WatchedPage;

  beforeAll(async () => {
    stack = await deployedStack();
    browser = await launch();
  });
  afterEach(async () => closeQuietPage(opened));
  afterAll(async () => browser?.close());

  /** Starts `fanjoin ui`, and opens the address that it prints. */
  async function open(...options: string[]): Promise<Page> {
    const [, address = ""] = await workspace()
      .start("ui", ...options)
      .said(/open +(http:\/\/127\.0\.0\.1:\d+\/\S+)\n/);
    opened = await openPage(browser);
    await opened.page.goto(address);
    return opened.page;
  }

  /** The sum at the end of the batch that is shown. */
  async function sumAtEnd(page: Page): Promise<number[]> {
    await page.getByText("Every item is accounted for").waitFor(ENDED);
    return shownSum(page);
  }

  test("a dropped file starts a batch; its counts add up, a group is looked at, and done again", async () => {
    const page = await open("--stack", STACK);
    await page.getByText(`stack ${STACK}`).waitFor();
    await page.getByRole("link", { name: "Jobs" }).click();
    await page.getByRole("link", { name: "sales", exact: true }).click();
    await page.locator(".drop-zone").waitFor();
    await dropFile(page, "sales ü+(1).csv", textOf(ROWS));
    await page.getByRole("button", { name: "Start the batch" }).click();
    await page.waitForURL(/\/batches\/\w+$/);
    expect(await sumAtEnd(page)).toEqual([194, 6, 0, 200]);

    await page.getByRole("button", { name: /^2 no amount: none/ }).waitFor();
    await page.getByRole("button", { name: /^4 not repaired yet/ }).click();
    await page.getByText("2 of 4 shown").waitFor();
    await page.getByRole("button", { name: "Show 2 more" }).click();
    await page.getByText("4 of 4 shown").waitFor();
    const items = await page.locator(".failed-item .raw").allInnerTexts();
    expect(items.map((text) => text.split(",")[0])).toEqual(["7", "57", "107", "157"]);

    await deployed(stack).withMended("sales", async () => {
      await page.getByRole("button", { name: "Redrive 4…" }).click();
      await page.getByRole("button", { name: "Redrive 4 items" }).click();
      await page.getByText("Ended: 2 items failed.").waitFor(ENDED);
    });
    expect(await sumAtEnd(page)).toEqual([198, 2, 0, 200]);
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: /^result\.json/ }).click();
    const saved = await readFile(await (await downloading).path(), "utf8");
    expect(JSON.parse(saved)).toEqual(resultOf(ROWS));
  });

  test("a small batch shows rates, workers, times and groups, also while it runs", async () => {
    const page = await open("--stack", STACK);
    const batches = new BatchRequests(stack);
    // A name is no number, and no JSON either.
    const items = Array.from({ length: 40 }, (_, n) => (n % 5 === 3 ? "none 300" : `${n} 300`));
    const batch = await batches.submit("waits", { input: { items }, chunk: { items: 2 } });
    await page.goto(new URL(`/batches/${batch}`, page.url()).href);
    await batches.until(batch, "the first failed item", (summary) => summary.items.failed > 0);
    const { text } = await batches.ask("GET", `/batches/${batch}/events`);
    const [, data = ""] = text.split("event: snapshot\ndata: ");
    const { summary, failures, history } = JSON.parse(data.split("\n")[0] ?? "") as BatchSnapshot;
    expect(failures.of).toBeGreaterThan(0);
    expect(failures.of).toBeLessThanOrEqual(summary.items.failed);
    expect(failures.groups[0]?.id).toMatch(/^s/);
    expect(sum(history?.points.done)).toBe(summary.items.succeeded + summary.items.failed);
    await page.getByRole("region", { name: "Figures" }).getByText("Workers").waitFor();
    await page.getByRole("button", { name: /^\d+ / }).first().waitFor();
    expect(await sumAtEnd(page)).toEqual([32, 8, 0, 40]);
    const ended = JSON.parse((await batches.ask("GET", `/batches/${batch}/history`)).text) as BatchHistory;
    expect([sum(ended.points.done), sum(ended.points.failed), ended.counts.settled]).toEqual([40, 8, 20]);
    // A chunk whose time was up is cut, and what ran its parts may have written nothing after them.
    expect(ended.latency?.count).toBeGreaterThan(20);
    expect(ended.latency?.count).toBeLessThanOrEqual(40);
    expect(ended.latency?.p50).toBeGreaterThan(0);
  });

  test("a batch that runs is found in the list, paused and resumed, and its counts add up", async () => {
    const page = await open("--endpoint", stack.api);
    await page.getByRole("heading", { name: "Batches" }).waitFor();
    // A function of five seconds has few of them in hand, which still run when the batch is paused.
    const items = Array.from({ length: 40 }, (_, n) => `${n} 800`);
    const batches = new BatchRequests(stack);
    const batch = await batches.submit("waits", { input: { items }, chunk: { items: 1 } });
    await page
      .locator("tr.row", { hasText: batch.slice(0, 8) })
      .getByRole("link")
      .first()
      .click();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator(".pill").getByText("Paused").waitFor();
    expect((await batches.show(batch)).state).toBe("paused");
    const [succeeded = 0, failed = 0, skipped = 0, done] = await shownSum(page);
    expect(succeeded + failed + skipped).toBe(done);
    await page.getByRole("button", { name: "Resume" }).first().click();
    expect(await sumAtEnd(page)).toEqual([40, 0, 0, 40]);
  });
});
