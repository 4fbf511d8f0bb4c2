/**
 * Ten thousand batches and a million chunks: what keeps the page quick is asserted here, the times are
 * measured by `npm run bench -- page`.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { directoryPlace } from "../../../src/dev/page/place.ts";
import { serveDirectory } from "../../../src/dev/page/ui.ts";
import type { PageServer } from "../../../src/dev/page/ui.ts";
import { MOST_ROWS } from "../../../src/page/live/follow-batches.ts";
import { pageHtml } from "../../../src/page/page-html.ts";
import { temporaryDirectory } from "../../memory/directory.ts";
import { MILLION, fillDirectory } from "../fixture/large-directory.ts";
import { batchId } from "../fixture/snapshots.ts";
import { WITHOUT_BROWSER, closeQuietPage, launch, openPage } from "./chromium.ts";
import type { WatchedPage } from "./chromium.ts";

const BATCHES = 10_000;
/** Elements of a row with its cells, and all that is around the rows. */
const ROW_ELEMENTS = 20;
const FRAME_ELEMENTS = 200;

describe.skipIf(WITHOUT_BROWSER !== null)(`a large directory in a browser ${WITHOUT_BROWSER ?? ""}`, () => {
  const directory = temporaryDirectory();
  let browser: Browser;
  let server: PageServer;
  let opened: WatchedPage;
  /** Rows in each answer of the list. */
  const answers: number[] = [];

  beforeAll(async () => {
    browser = await launch();
    const state = directory.path("state");
    await fillDirectory(state, BATCHES, Date.now());
    const place = directoryPlace(state);
    server = await serveDirectory(state, { port: 0, page: pageHtml, place, engine: () => null });
  }, 120_000);
  beforeEach(async () => {
    opened = await openPage(browser);
    answers.length = 0;
    opened.page.on("response", async (response) => {
      if (new URL(response.url()).pathname !== "/batches") return;
      const body = (await response.json().catch(() => ({ batches: [] }))) as { readonly batches: unknown[] };
      answers.push(body.batches.length);
    });
  });
  afterEach(() => closeQuietPage(opened));
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    directory.remove();
  });

  const rows = (page: Page) => page.locator("tr.row");
  const elements = (page: Page): Promise<number> =>
    page.evaluate(() => document.querySelectorAll("*").length);

  test("the list has pages of 50 rows, and never more than so many in the document", async () => {
    const { page } = opened;
    await page.goto(server.address());
    await rows(page).nth(49).waitFor();
    const [first = ""] = await rows(page).first().locator("a").allInnerTexts();
    const shown = page.locator(".list-foot span").first();
    for (let round = 2; round <= 12; round++) {
      await page.getByRole("button", { name: "Older" }).click();
      await shown.getByText(`${Math.min(MOST_ROWS, round * 50)} shown`).waitFor();
    }
    expect(await rows(page).count()).toBe(MOST_ROWS);
    // The reader went to older ones: the newest have left.
    expect(await rows(page).first().locator("a").innerText()).not.toBe(first);
    expect(await elements(page)).toBeLessThan(MOST_ROWS * ROW_ELEMENTS + FRAME_ELEMENTS);
    expect(Math.max(...answers)).toBe(50);
  }, 180_000);

  test("a filter is answered from all of them, and an id is found among them", async () => {
    const { page } = opened;
    await page.goto(server.address());
    await rows(page).nth(49).waitFor();
    await page.getByLabel("Job", { exact: true }).selectOption("orders");
    await page.getByLabel("State", { exact: true }).selectOption("completed-with-failures");
    await page.waitForFunction(() => {
      const words = [...document.querySelectorAll("tr.row .c0")].map((cell) => cell.textContent);
      return words.length === 50 && words.every((word) => word === "Completed with failures");
    });
    expect(new Set(await rows(page).locator(".job-name").allInnerTexts())).toEqual(new Set(["orders"]));
    expect(await elements(page)).toBeLessThan(50 * ROW_ELEMENTS + FRAME_ELEMENTS);
    expect(Math.max(...answers)).toBe(50);
    await page.goto(`${new URL(page.url()).origin}/?batch=${batchId(9876)}`);
    await page.waitForFunction(() => document.querySelectorAll("tr.row").length === 1);
  });

  test("a million chunks are some dozen elements, and 120 rows as a table", async () => {
    const { page } = opened;
    await page.goto(server.address(`/batches/${MILLION}`));
    await page.locator("svg.timeline").waitFor();
    await page.locator(".counts").getByText("1,000,000").first().waitFor();
    expect(await page.locator("svg.timeline *").count()).toBeLessThan(100);
    expect(await elements(page)).toBeLessThan(500);
    await page.getByRole("button", { name: "As a table" }).click();
    await page.locator(".small-table tbody tr").first().waitFor();
    expect(await page.locator(".small-table tbody tr").count()).toBeLessThanOrEqual(120);
  });
});
