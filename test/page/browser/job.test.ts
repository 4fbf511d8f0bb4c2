/** Jobs and the form in a real browser. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Browser } from "playwright-core";
import { startFixture } from "../fixture/fixture.ts";
import type { Fixture } from "../fixture/fixture.ts";
import { BROKEN, PRIMES, SUPPLIER_CHECK } from "../fixture/jobs.ts";
import { batchId, runningSnapshot } from "../fixture/snapshots.ts";
import { WITHOUT_BROWSER, closeQuietPage, launch, openPage } from "./chromium.ts";
import type { WatchedPage } from "./chromium.ts";
import { dropFile } from "./gestures.ts";

describe.skipIf(WITHOUT_BROWSER !== null)(`jobs in a browser ${WITHOUT_BROWSER ?? ""}`, () => {
  let browser: Browser;
  let fixture: Fixture;
  let opened: WatchedPage;

  beforeAll(async () => {
    browser = await launch();
  });
  beforeEach(async () => {
    fixture = await startFixture();
    fixture.jobs.push(SUPPLIER_CHECK, PRIMES, BROKEN);
    fixture.batches.set(batchId(1), runningSnapshot(batchId(1), Date.now()));
    opened = await openPage(browser);
  });
  afterEach(async () => {
    await closeQuietPage(opened);
    await fixture.close();
  });
  afterAll(async () => browser?.close());

  test("a dropped file is uploaded, starts a batch with the params of the form, and is followed", async () => {
    const { page } = opened;
    await page.goto(`${fixture.base}/jobs/supplier-check`);
    await page.getByLabel("url").fill("https://vat.example/v1");
    await page.getByLabel("tries").fill("3");
    await page.getByLabel("Items in a chunk").fill("50");
    await dropFile(page, "q4.csv", "supplier,country,vat\nA,NO,1\n");
    await page.getByText("q4.csv").first().waitFor();
    await page.getByRole("button", { name: "Start the batch" }).click();
    await page.getByRole("heading", { name: "supplier-check" }).waitFor();
    await page.waitForFunction((path) => location.pathname === path, `/batches/${batchId(1)}`);
    const [signed, put, started] = fixture.sent;
    expect(signed).toMatchObject({ path: "/jobs/supplier-check/uploads", body: { start: false } });
    expect(put).toMatchObject({ method: "PUT", body: "supplier,country,vat\nA,NO,1\n" });
    expect(started).toMatchObject({
      path: "/jobs/supplier-check/batches",
      body: {
        input: {
          object: expect.stringMatching(/^s3:\/\/local\/inputs\/supplier-check\/page-\w+-\w+\/q4\.csv$/),
        },
        params: { url: "https://vat.example/v1", strict: false, level: "low", tries: 3 },
        chunk: { items: 50 },
      },
    });
  });

  test("errors stand at their fields, and those of the API in its words", async () => {
    const { page } = opened;
    await page.goto(`${fixture.base}/jobs/supplier-check`);
    await page.getByLabel("tries").fill("many");
    await page.getByRole("button", { name: "Start the batch" }).click();
    await page
      .locator(".field", { hasText: "tries" })
      .getByRole("alert")
      .getByText('"many" is not a number')
      .waitFor();
    await page.getByLabel("tries").fill("3");
    await page.getByLabel("url").fill("ftp");
    await dropFile(page, "q4.csv", "x\n");
    await page.getByText("q4.csv").first().waitFor();
    fixture.refuse.next = { status: 400, detail: "params: url: Invalid URL", code: "JOB_INVALID" };
    await page.getByRole("button", { name: "Start the batch" }).click();
    await page
      .locator(".field", { hasText: "url" })
      .getByRole("alert")
      .getByText("Invalid URL [JOB_INVALID]")
      .waitFor();
    expect(opened.said.splice(0)).toEqual([expect.stringContaining("400")]);
  });

  test("a job that does not load shows its error, and the others work", async () => {
    const { page } = opened;
    await page.goto(`${fixture.base}/jobs`);
    await page.getByText("process has to be a function, but is undefined [JOB_INVALID]").waitFor();
    await page.getByRole("link", { name: "primes" }).click();
    await page.getByText("brings its own input").waitFor();
    await page.getByRole("button", { name: "Start the batch" }).click();
    await page.waitForFunction((path) => location.pathname === path, `/batches/${batchId(1)}`);
    expect(fixture.sent).toEqual([{ method: "POST", path: "/jobs/primes/batches", body: {} }]);
  });

  test("operations of the API are lines for a shell", async () => {
    const { page } = opened;
    await page.goto(`${fixture.base}/jobs/supplier-check`);
    await page.getByLabel("url").fill("https://vat.example/v1");
    await page.getByRole("button", { name: /^POST \/jobs\/supplier-check\/batches/ }).click();
    const line = await page.locator(".curl pre").innerText();
    expect(line).toContain(`"${fixture.base}/jobs/supplier-check/batches"`);
    expect(line).toContain('"url":"https://vat.example/v1"');
  });
});
