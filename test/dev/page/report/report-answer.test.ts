/** The report that a server makes of a batch that has ended. */
import { expect, test } from "vitest";
import { json } from "../../../../src/api/http.ts";
import type { ApiRequest, ApiResponse } from "../../../../src/api/http.ts";
import { problem, problemOf } from "../../../../src/api/problem.ts";
import { reportAnswer } from "../../../../src/dev/page/report/report-answer.ts";
import { batchId, endedSnapshot, runningSnapshot } from "../../../page/fixture/snapshots.ts";
import { itemsOf } from "../../../page/fixture/failures.ts";

const NOW = Date.UTC(2026, 10, 29, 12);
const ENDED = endedSnapshot(batchId(1), NOW);
const RUNNING = runningSnapshot(batchId(2), NOW);

/** The answers of the API about two batches. */
async function handle({ path, query }: ApiRequest): Promise<ApiResponse> {
  const [, , batch = "", part = ""] = path.split("/");
  const known = [ENDED, RUNNING].find(({ summary }) => summary.batch === batch);
  if (!known) return problem(404, "BATCH_UNKNOWN", `there is no batch ${batch}`);
  if (part === "") return json(200, known.summary);
  if (part === "history") return json(200, known.history ?? {});
  if (part === "result") return json(200, { rows: 10_412 });
  return json(200, { items: itemsOf(query["group"] ?? "").slice(0, Number(query["limit"])), cursor: null });
}

function reportOf(batch: string, method = "GET"): Promise<ApiResponse | null> {
  const meta = { method, path: `/batches/${batch}/report`, query: {}, headers: {}, base: "" };
  return reportAnswer(handle, meta, { now: NOW, place: "" });
}

test("an ended batch has a report with its groups, first items, history and result", async () => {
  const report = await reportOf(batchId(1));
  expect([report?.status, report?.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  for (const part of [
    "Every item is accounted for",
    "the service said 503 to SE354468464",
    "Chunks by worker",
    "&quot;rows&quot;: 10412",
  ])
    expect(report?.body).toContain(part);
});

test("answers that come in blocks, as those of a stack do, are read whole", async () => {
  const inBlocks = async (request: ApiRequest): Promise<ApiResponse> => {
    const given = await handle(request);
    const bytes = Buffer.from(given.body.replaceAll("rows", "r\u00f6ws"));
    async function* more(): AsyncGenerator<Uint8Array> {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    return { ...given, body: "", more: more() };
  };
  const meta = { method: "GET", path: `/batches/${batchId(1)}/report`, query: {}, headers: {}, base: "" };
  const report = await reportAnswer(inBlocks, meta, { now: NOW, place: "" });
  for (const part of ["the service said 503 to SE354468464", "Chunks by worker", "r\u00f6ws&quot;: 10412"])
    expect(report?.body).toContain(part);
});

test("a batch that runs has none yet, and an unknown one is refused as by the API", async () => {
  const refused: unknown = await reportOf(batchId(2)).catch((error: unknown) => error);
  const server = { report: () => {}, forCallers: (message: string) => message };
  expect(refused).toMatchObject({ code: "BATCH_NOT_READY" });
  expect(problemOf(refused, server)).toMatchObject({ status: 409 });
  expect(await reportOf("01X")).toMatchObject({ status: 404 });
});

test("other requests are left to the API", async () => {
  expect(await reportOf(batchId(1), "DELETE")).toBeNull();
  expect(
    await reportAnswer(
      handle,
      { method: "GET", path: "/batches", query: {}, headers: {}, base: "" },
      { now: NOW, place: "" },
    ),
  ).toBeNull();
});
