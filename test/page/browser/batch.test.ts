/** The page of a batch in a real browser. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Browser } from "playwright-core";
import { startFixture } from "../fixture/fixture.ts";
import type { Fixture } from "../fixture/fixture.ts";
import { awsSnapshot, batchId, endedSnapshot, hugeSnapshot, runningSnapshot } from "../fixture/snapshots.ts";
import { WITHOUT_BROWSER, closeQuietPage, launch, openPage } from "./chromium.ts";
import type { WatchedPage } from "./chromium.ts";
import { shownSum } from "./gestures.ts";

const BATCH = batchId(1);
const PATH = `/batches/${BATCH}`;

describe.skipIf(WITHOUT_BROWSER !== null)(`a batch in a browser ${WITHOUT_BROWSER ?? ""}`, () => {
  let browser: Browser;
  let fixture: Fixture;
  let opened: WatchedPage;

  beforeAll(async () => {
    browser = await launch();
  });
  beforeEach(async () => {
    fixture = await startFixture();
    opened = await openPage(browser);
  });
  afterEach(async () => {
    await closeQuietPage(opened);
    await fixture.close();
  });
  afterAll(async () => browser?.close());

  async function show(snapshot: ReturnType<typeof endedSnapshot>): Promise<void> {
    fixture.batches.set(snapshot.summary.batch, snapshot);
    await opened.page.goto(fixture.base + PATH);
    await opened.page.locator(".sum").waitFor();
  }

  test("differences are shown as they come, the counts add up, and the end changes no order", async () => {
    await show(runningSnapshot(BATCH, Date.now()));
    const { page } = opened;
    expect(await shownSum(page)).toEqual([7775, 90, 0, 7865]);
    expect(await page.title()).toBe("65 % supplier-check · fanjoin");
    fixture.change(BATCH, {
      at: Date.now(),
      summary: { set: { items: { total: null, succeeded: 7900, failed: 100, skipped: 0 } } },
    });
    await page.getByText("8,000", { exact: true }).waitFor();
    const [succeeded = 0, failed = 0, skipped = 0, total] = await shownSum(page);
    expect(succeeded + failed + skipped).toBe(total);
    const order = async (): Promise<string[]> => page.locator("main section h2").allInnerTexts();
    const before = await order();
    const { summary } = endedSnapshot(BATCH, Date.now());
    fixture.change(BATCH, { at: Date.now(), summary: { set: summary, unset: ["progress", "planned"] } });
    await page.getByText("Ended: 123 items failed.").waitFor();
    await page.getByText("Every item is accounted for").waitFor();
    expect((await order()).filter((head) => before.includes(head))).toEqual(before);
    expect(await page.title()).toBe("! supplier-check · fanjoin");
  });

  test("on AWS it has rates, workers, times of some items, and the groups so far", async () => {
    await show(awsSnapshot(BATCH, Date.now()));
    const { page } = opened;
    const figures = page.getByRole("region", { name: "Figures" });
    expect(await figures.getByText(/Workers/).count()).toBeGreaterThan(0);
    await figures.getByText("typical, tries and waits included, of 6,000 items").waitFor();
    await figures.getByRole("img", { name: /^Time for one item: / }).waitFor();
    await page.getByText("400; the groups so far are of 150 of them").waitFor();
    const chunks = page.locator("dt", { hasText: "Chunks by worker" });
    expect(await chunks.evaluate((term) => term.nextElementSibling?.textContent)).toBe(
      "known on one machine only",
    );
  });

  test("on AWS what is not known yet is told, and not shown as none", async () => {
    await show(awsSnapshot(BATCH, Date.now(), 30));
    const { page } = opened;
    const figures = page.getByRole("region", { name: "Figures" });
    await figures.getByText("Time for one item").waitFor();
    expect(await figures.getByText("not known", { exact: true }).count()).toBe(2);
    await page.getByText("400, not in groups yet").waitFor();
  });

  test("cancelling asks, with the safe answer in focus, and Escape is that answer", async () => {
    await show(runningSnapshot(BATCH, Date.now()));
    const { page } = opened;
    await page.keyboard.press("c");
    const dialog = page.getByRole("dialog", { name: "Cancel this batch of supplier-check?" });
    await dialog.getByText("about 4,170 items").waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Keep it running");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(fixture.sent).toEqual([]);
    await page.getByRole("button", { name: "Cancel…" }).click();
    await page.getByRole("button", { name: "Cancel the batch" }).click();
    await page.getByText("Ending: chunks in flight are given up").waitFor();
    expect(fixture.sent).toEqual([{ method: "POST", path: `${PATH}/cancel`, body: null }]);
  });

  test("a refused action is told in the words of the API, and the dialog stays", async () => {
    await show(runningSnapshot(BATCH, Date.now()));
    const { page } = opened;
    await page.getByRole("button", { name: "Cancel…" }).click();
    fixture.refuse.next = { status: 409, detail: "the batch has ended already", code: "BATCH_NOT_READY" };
    await page.getByRole("button", { name: "Cancel the batch" }).click();
    await page.getByRole("alert").getByText("the batch has ended already [BATCH_NOT_READY]").waitFor();
    // A browser reports the refusal itself.
    expect(opened.said.splice(0)).toEqual([expect.stringContaining("409")]);
  });

  test("a group opens, shows its items, and is redriven alone", async () => {
    await show(endedSnapshot(BATCH, Date.now()));
    const { page } = opened;
    await page.getByRole("button", { name: /^46 the service said 503/ }).click();
    await page.getByText("2 of 46 shown").waitFor();
    await page.getByRole("button", { name: "Show 18 more" }).click();
    await page.getByText("20 of 46 shown").waitFor();
    await page.getByRole("button", { name: "Stack" }).first().click();
    await page.getByText("at process (examples/supplier-check.ts:35:66)").waitFor();
    await page.getByRole("button", { name: "Redrive 46…" }).click();
    await page.getByRole("button", { name: "Redrive 46 items" }).click();
    await page.locator(".pill").getByText("Running").waitFor();
    expect(fixture.sent.at(-1)).toEqual({
      method: "POST",
      path: `${PATH}/redrive`,
      body: { groups: ["g0"] },
    });
  });

  test("the number of a redrive follows the choice", async () => {
    await show(endedSnapshot(BATCH, Date.now()));
    const { page } = opened;
    await page.getByRole("button", { name: "Redrive 123 failed items…" }).click();
    await page.getByRole("button", { name: "Redrive 96 items" }).waitFor();
    await page.getByText("All", { exact: true }).click();
    await page.getByRole("button", { name: "Redrive 123 items" }).waitFor();
    expect(await page.locator(".choice.checked").innerText()).toContain(
      "27 of them failed for what is in the file",
    );
  });

  test("a page that only looks shows the command in place of the button's work", async () => {
    fixture.place.value = {
      ...fixture.place.value,
      kind: "directory",
      changes: false,
      options: " --dir data",
    };
    await show(runningSnapshot(BATCH, Date.now()));
    const { page } = opened;
    await page.getByRole("button", { name: "Pause" }).click();
    await page
      .getByRole("dialog")
      .getByText(`fanjoin pause ${BATCH.slice(0, 8)} --dir data`)
      .waitFor();
    expect(fixture.sent).toEqual([]);
  });

  test("names and messages are text, never markup", async () => {
    const evil = `<img src=x onerror="document.title='owned'">\u202e`;
    const ended = endedSnapshot(BATCH, Date.now());
    const [group] = ended.failures.groups;
    const items = (group?.items ?? []).map((item) => ({
      ...item,
      item: evil,
      error: { name: evil, message: evil },
    }));
    const groups = group ? [{ ...group, message: evil, class: evil, items }] : [];
    await show({
      ...ended,
      summary: { ...ended.summary, job: evil },
      failures: { ...ended.failures, groups },
    });
    const { page } = opened;
    await page.locator(".group-head").click();
    await page.locator(".failed-item").first().waitFor();
    expect(await page.locator("main img").count()).toBe(0);
    expect(await page.locator("h1").innerText()).toContain(
      String.raw`onerror="document.title='owned'">\u202e`,
    );
    expect(await page.locator(".raw").first().innerText()).toContain("<img src=x");
    expect(await page.title()).not.toBe("owned");
  });

  test("arrow keys walk through the marks, and the same is there as a table", async () => {
    await show(runningSnapshot(BATCH, Date.now()));
    const { page } = opened;
    await page.locator(".timeline-box").focus();
    await page.keyboard.press("ArrowRight");
    await page.locator(".tip").getByText("on thread 1").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.locator(".tip").getByText("on thread 2").waitFor();
    await page.keyboard.press("Escape");
    expect(await page.locator(".tip").count()).toBe(0);
    await page.getByRole("button", { name: "As a table" }).click();
    await page.getByRole("cell", { name: "tried again, attempt 2" }).first().waitFor();
  });

  test("a million chunks are some dozen elements, and a cell tells of its chunks", async () => {
    await show(hugeSnapshot(BATCH, Date.now()));
    const { page } = opened;
    expect(await page.locator("svg.timeline *").count()).toBeLessThan(100);
    const box = await page.locator(".timeline-box").boundingBox();
    await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 240);
    await page.locator(".tip").getByText("620 chunks settled, 62,000 items").waitFor();
  });

  test("a lost connection is said, and comes back", async () => {
    await opened.page.clock.install();
    await show(runningSnapshot(BATCH, Date.now()));
    const { page } = opened;
    fixture.drop();
    await expect
      .poll(async () => {
        await page.clock.runFor(2000);
        return page.locator(".connected").innerText();
      })
      .toBe("Reconnecting");
    await expect
      .poll(async () => {
        await page.clock.runFor(5000);
        return page.locator(".strip").count();
      })
      .toBe(1);
    expect(await page.locator(".strip").innerText()).toMatch(
      /^No answer for \d+ s\. The numbers are from [\d:]+\./,
    );
    expect(await page.getByRole("button", { name: "Pause" }).isDisabled()).toBe(true);
    fixture.drop(true);
    await expect
      .poll(async () => {
        await page.clock.runFor(3000);
        return page.locator(".connected").innerText();
      })
      .toBe("Live");
    opened.said.length = 0;
  });

  test("an unknown batch leads to the others", async () => {
    await opened.page.goto(`${fixture.base}/batches/01X`);
    await opened.page.getByText("There is no batch 01X.").waitFor();
    expect(opened.said.splice(0).every((line) => line.includes("404"))).toBe(true);
  });
});
