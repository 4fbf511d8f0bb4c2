import { expect, test } from "vitest";
import { batchSpec } from "../../../src/batch/new-batch.ts";
import { plan, settle } from "../../outputs/settle.ts";
import { countingJob, joinlessJob } from "../../steps/jobs.ts";
import { apiStage } from "../api-stage.ts";
import type { ApiStage, Reply } from "../api-stage.ts";

const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => `${from + n}\n`).join("");

/** A batch of 10 items in chunks of two, of which the chunks with these numbers have run. */
async function running(of: ApiStage, settled: readonly number[]): Promise<string> {
  const { batch } = await of.submit({ chunk: { items: 2 } });
  await plan(of.stage);
  await settle(of.stage, settled);
  return batch;
}

function pageOf({ status, headers, body }: Reply): readonly [number, string, string | undefined] {
  return [status, body, headers["fanjoin-outputs"]];
}

const cursorOf = ({ headers }: Reply): string => headers["fanjoin-cursor"] ?? "";

test("pages of outputs are read while the batch runs, until they have ended", async () => {
  const of = await apiStage(countingJob(10));
  const batch = await running(of, [0, 1, 3]);
  const path = `/batches/${batch}/outputs`;
  const first = await of.get(`${path}?after=`);
  expect(pageOf(first)).toEqual([200, numbers(0, 4), "waiting"]);
  expect(first.headers).toMatchObject({ "content-type": "application/jsonl", "retry-after": "2" });
  expect(first.headers["fanjoin-state"]).toBe("running");
  const second = await of.get(`${path}?after=${cursorOf(first)}`);
  expect(pageOf(second)).toEqual([200, "", "waiting"]);
  expect(cursorOf(second)).toBe(cursorOf(first));
  await of.stage.pump();
  const third = await of.get(`${path}?after=${cursorOf(second)}`);
  expect(pageOf(third)).toEqual([200, numbers(4, 10), "ended"]);
  expect(third.headers["fanjoin-state"]).toBe("succeeded");
  expect(third.headers["retry-after"]).toBeUndefined();
  expect(pageOf(await of.get(`${path}?after=${cursorOf(third)}`))).toEqual([200, "", "ended"]);
});

test("with order=completed, a page has whatever has settled", async () => {
  const of = await apiStage(countingJob(10));
  const batch = await running(of, [4, 1]);
  const path = `/batches/${batch}/outputs`;
  const first = await of.get(`${path}?after=&order=completed`);
  expect(pageOf(first)).toEqual([200, numbers(2, 4) + numbers(8, 10), "waiting"]);
  await of.stage.pump();
  const second = await of.get(`${path}?after=${cursorOf(first)}`);
  expect(pageOf(second)).toEqual([200, numbers(0, 2) + numbers(4, 8), "ended"]);
});

test("without after, the outputs are a conflict before the end, as before", async () => {
  const of = await apiStage(countingJob(10));
  const batch = await running(of, [0]);
  const early = await of.get(`/batches/${batch}/outputs`);
  expect([early.status, early.json]).toEqual([409, expect.objectContaining({ code: "BATCH_NOT_READY" })]);
  await of.stage.pump();
  const late = await of.get(`/batches/${batch}/outputs`);
  expect([late.status, late.body, late.headers["fanjoin-cursor"]]).toEqual([200, numbers(0, 10), undefined]);
});

test("many outputs come in pages of 1 MiB, together what the file has", async () => {
  const wide = (n: number): string => `${n}:"é"`.repeat(20_000);
  const of = await apiStage(countingJob(30, wide));
  const { batch } = await of.submit();
  await of.stage.pump();
  let text = "";
  let pages = 0;
  for (let cursor: string | null = ""; cursor !== null; pages++) {
    const reply: Reply = await of.get(`/batches/${batch}/outputs?after=${cursor}`);
    expect(Buffer.byteLength(reply.body)).toBeLessThanOrEqual(1024 * 1024);
    expect(reply.body.endsWith("\n")).toBe(true);
    text += reply.body;
    cursor = reply.headers["fanjoin-outputs"] === "ended" ? null : cursorOf(reply);
  }
  expect(pages).toBeGreaterThan(3);
  expect(text).toBe(Array.from({ length: 30 }, (_, n) => `${JSON.stringify(wide(n))}\n`).join(""));
});

test("a job that does not collect has no outputs, which is said at once", async () => {
  const of = await apiStage(joinlessJob(4));
  const { batch } = await of.submit();
  const { status, json } = await of.get(`/batches/${batch}/outputs?after=`);
  expect([status, json]).toEqual([
    404,
    expect.objectContaining({
      code: "RESULT_UNKNOWN",
      detail: `batch ${batch} has no outputs: its job does not collect`,
    }),
  ]);
});

test.for([
  ["after=x", "cursor does not come from an earlier page"],
  ["after=&order=random", 'order must be one of input, completed, but is "random"'],
  ["order=input", "order goes with after"],
  ["after=&limit=3", 'there is no parameter "limit": the parameters are after, order'],
] as const)("a request with %s is refused", async ([query, detail]) => {
  const of = await apiStage(countingJob(2));
  const { batch } = await of.submit();
  const { status, json } = await of.get(`/batches/${batch}/outputs?${query}`);
  expect([status, json]).toEqual([
    400,
    expect.objectContaining({ code: "REQUEST_INVALID", detail: expect.stringContaining(detail) }),
  ]);
});

test("a new batch records whether its job collects", async () => {
  const of = await apiStage(countingJob(2));
  const job = await of.host.describe("counting");
  const options = { params: null, chunkItems: null, chunkBytes: null };
  const input = { reader: "range", options: {}, sources: [] } as const;
  expect(batchSpec({ batch: "01A", job, options, input, createdAt: 0, jobFile: null }).collects).toBe(true);
});
