/** The report that a stack has written, as the API shows it. */
import { expect, test } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { noteReport, reportName } from "../../../src/core/records/batch/report.ts";
import { countingJob } from "../../steps/jobs.ts";
import { BASE, apiStage } from "../api-stage.ts";
import type { ApiStage } from "../api-stage.ts";

/** A batch that has ended, with one failed item, and whether its report was noted. */
async function ended(of: ApiStage, page: string | null): Promise<string> {
  const { batch } = await of.submit();
  await of.stage.pump();
  if (page === null) return batch;
  of.stage.store.put(reportName(batch, "html"), page);
  await of.stage.ports.ledger.update(noteReport(batch, 0));
  return batch;
}

const oneFails = countingJob(4, (n: number) => (n === 2 ? Promise.reject(new Error("no")) : n));

test("a report is HTML, and the summary says where it is", async () => {
  const of = await apiStage(oneFails);
  const batch = await ended(of, "<p>größer</p>");
  const shown = await of.get(`/batches/${batch}`);
  expect((shown.json as BatchSummary).report).toEqual({ path: `${BASE}/batches/${batch}/report` });
  const { status, headers, body } = await of.get(`/batches/${batch}/report`);
  expect([status, headers["content-type"], body]).toEqual([200, "text/html; charset=utf-8", "<p>größer</p>"]);
});

test("a large one is behind a signed URL", async () => {
  const of = await apiStage(oneFails);
  const batch = await ended(of, "x".repeat(1024 * 1024 + 1));
  const { status, headers } = await of.get(`/batches/${batch}/report`);
  expect(status).toBe(303);
  expect(headers["location"]).toContain(`${reportName(batch, "html")}?type=text/html`);
  expect(headers["location"]).toContain(`as=${batch}-report.html`);
});

test("a batch without one says when there is one, and what makes it; so does one whose file has expired", async () => {
  const of = await apiStage(oneFails);
  const without = await ended(of, null);
  const expired = await ended(of, "<p>");
  await of.stage.store.removeFolder(`batches/${expired}`);
  for (const batch of [without, expired]) {
    const { status, json } = await of.get(`/batches/${batch}/report`);
    expect([status, json]).toMatchObject([404, { code: "RESULT_UNKNOWN" }]);
    expect((json as { readonly detail: string }).detail).toMatch(
      /ten seconds or more .* fanjoin report makes/,
    );
  }
});

test("before the end, and in a redrive, there is none yet; an unknown batch has none", async () => {
  const of = await apiStage(oneFails);
  const { batch } = await of.submit();
  expect(await of.get(`/batches/${batch}/report`)).toMatchObject({
    status: 409,
    json: { code: "BATCH_NOT_READY" },
  });
  const redriven = await ended(of, "<p>");
  await redrive(of.stage.ports, redriven, null);
  expect(await of.get(`/batches/${redriven}/report`)).toMatchObject({ status: 409 });
  expect((await of.get(`/batches/${redriven}`)).json).not.toHaveProperty("report");
  await of.stage.pump();
  // It tells of the end before.
  expect(await of.get(`/batches/${redriven}/report`)).toMatchObject({ status: 404 });
  expect(await of.get("/batches/01X/report")).toMatchObject({ status: 404, json: { code: "BATCH_UNKNOWN" } });
});
