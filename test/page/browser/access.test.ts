/** Every view, for everybody: axe-core finds nothing, nothing is wider than the screen, nothing is said. */
import axe from "axe-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { reportHtml } from "../../../src/page/report/report-html.ts";
import { startFixture } from "../fixture/fixture.ts";
import type { Fixture } from "../fixture/fixture.ts";
import { BROKEN, PRIMES, SUPPLIER_CHECK } from "../fixture/jobs.ts";
import {
  awsSnapshot,
  batchId,
  emptySnapshot,
  endedSnapshot,
  failedSnapshot,
  hugeSnapshot,
  pausedSnapshot,
  runningSnapshot,
} from "../fixture/snapshots.ts";
import { WITHOUT_BROWSER, launch, openPage } from "./chromium.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

const SNAPSHOTS = [
  runningSnapshot,
  endedSnapshot,
  hugeSnapshot,
  failedSnapshot,
  pausedSnapshot,
  emptySnapshot,
  awsSnapshot,
];
const VIEWS = [
  "/",
  "/jobs",
  "/jobs/supplier-check",
  "/jobs/primes",
  ...SNAPSHOTS.map((_, at) => `/batches/${batchId(at)}`),
];
/** axe-core takes seconds for a view: in the dark it looks at the views with the most colours. */
const SCREENS = [
  { width: 1280, dark: false, views: VIEWS },
  { width: 1280, dark: true, views: ["/", ...VIEWS.slice(4, 8)] },
  { width: 360, dark: false, views: VIEWS.slice(0, 7) },
];

/** Whether one has to scroll sideways. */
async function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

/** Complaints in a line each. */
async function complaints(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (rules) => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run({ runOnly: rules });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
  }, RULES);
}

describe.skipIf(WITHOUT_BROWSER !== null)(`access ${WITHOUT_BROWSER ?? ""}`, () => {
  let browser: Browser;
  let fixture: Fixture;

  beforeAll(async () => {
    browser = await launch();
    fixture = await startFixture();
    fixture.jobs.push(SUPPLIER_CHECK, PRIMES, BROKEN);
    for (const [at, snapshot] of SNAPSHOTS.entries())
      fixture.batches.set(batchId(at), snapshot(batchId(at), Date.now()));
  });
  afterAll(async () => {
    await browser?.close();
    await fixture?.close();
  });

  test.for(SCREENS)("all views at $width px, dark: $dark", async (screen) => {
    const { page, said } = await openPage(browser, screen);
    for (const path of screen.views) {
      await page.goto(fixture.base + path);
      await page.locator(".panel").first().waitFor();
      const [group] = await page.locator(".group-head").all();
      await group?.click();
      expect([path, await complaints(page)]).toEqual([path, []]);
      expect([path, await isTooWide(page)]).toEqual([path, false]);
    }
    expect(said).toEqual([]);
    await page.close();
  });

  test.for([960, 640, 320])("nothing is wider than %i px", async (width) => {
    const { page } = await openPage(browser, { width });
    for (const path of VIEWS) {
      await page.goto(fixture.base + path);
      await page.locator(".panel").first().waitFor();
      expect([path, await isTooWide(page)]).toEqual([path, false]);
    }
    await page.close();
  });

  test.for(["Cancel…", "?"])("the dialog of %s", async (name) => {
    const { page, said } = await openPage(browser);
    await page.goto(`${fixture.base}/batches/${batchId(0)}`);
    await page.locator(".sum").waitFor();
    if (name === "?") await page.keyboard.press("?");
    else await page.getByRole("button", { name }).click();
    await page.getByRole("dialog").waitFor();
    expect(await complaints(page)).toEqual([]);
    expect(said).toEqual([]);
    await page.close();
  });

  test.for([1280, 360])("the report at %i px", async (width) => {
    const { page, said } = await openPage(browser, { width });
    const snapshot = endedSnapshot(batchId(1), Date.now());
    await page.setContent(
      reportHtml({
        snapshot,
        madeAt: Date.now(),
        result: '{"rows":1}',
        command: "fanjoin run a.ts",
        raw: true,
      }),
    );
    expect(await complaints(page)).toEqual([]);
    expect(await isTooWide(page)).toBe(false);
    expect(said).toEqual([]);
    await page.close();
  });
});
