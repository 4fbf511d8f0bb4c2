import { expect, test } from "vitest";
import * as z from "zod";
import { readBatch } from "../../../src/batch/spec.ts";
import { files } from "../../../src/input/files.ts";
import { count } from "../../../src/joins/exact/count.ts";
import { defineJob } from "../../../src/job/job.ts";
import { countingJob, csvJob, lineJob, upTo } from "../../steps/jobs.ts";
import { apiStage, BASE } from "../api-stage.ts";

test("a batch is accepted with its URL and its summary, and runs", async () => {
  const { stage, post, get, put } = await apiStage(csvJob());
  const object = put("in/a.csv", "id,note\n1,x\n2,y\n");
  const { status, headers, json } = await post("/jobs/csv-job/batches", { input: { object } });
  expect(status).toBe(202);
  const { batch } = json as { batch: string };
  expect(headers["location"]).toBe(`${BASE}/batches/${batch}`);
  expect(json).toMatchObject({ job: "csv-job", state: "planning", result: null, error: null });
  await stage.pump();
  const shown = await get(`/batches/${batch}`);
  expect(shown.json).toMatchObject({
    state: "succeeded",
    items: { total: 2, succeeded: 2 },
    result: { path: `${BASE}/batches/${batch}/result`, value: { order: "1,2," } },
    failed: null,
  });
});

test("items in the request have the form that the job's reader produces", async () => {
  const { stage, submit, get } = await apiStage(csvJob());
  const { batch } = await submit({
    input: {
      items: [
        { id: "7", note: "x" },
        { id: "8", note: "bad" },
      ],
    },
  });
  await stage.pump();
  expect((await get(`/batches/${batch}`)).json).toMatchObject({
    items: { total: 2, succeeded: 1, failed: 1 },
    result: { value: { order: "7,", all: 1 } },
  });
});

test.each([
  ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true],
  ["00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false],
])("the header traceparent %s is kept with the batch: %s", async (traceparent, isKept) => {
  const { stage, host, request } = await apiStage(lineJob());
  const body = JSON.stringify({ input: { items: ["one"] } });
  const headers = { "content-type": "application/json", traceparent };
  const { json } = await request("POST", "/jobs/line-job/batches", { body, headers });
  const { batch } = json as { readonly batch: string };
  expect((await readBatch(host.ledger, batch))?.["trace"]).toBe(isKept ? traceparent : undefined);
  await stage.pump();
  expect(await readBatch(host.ledger, batch)).toMatchObject({ state: "succeeded" });
});

test("only the first items are run, and the summary says so", async () => {
  const { stage, submit, get, put } = await apiStage(lineJob());
  const object = put("in/a.txt", "one\ntwo\nthree\n");
  for (const input of [{ object }, { items: ["one", "two", "three"] }]) {
    const { batch } = await submit({ input, maxItems: 2 });
    await stage.pump();
    expect((await get(`/batches/${batch}`)).json).toMatchObject({
      state: "succeeded",
      maxItems: 2,
      items: { total: 2, succeeded: 2, skipped: 0 },
      result: { value: { order: "one,two," } },
    });
  }
});

test("a token with another limit is a conflict", async () => {
  const { stage, post, put } = await apiStage(lineJob());
  const body = { input: { object: put("in/a.txt", "one\ntwo\n") }, id: "t" };
  expect((await post("/jobs/line-job/batches", { ...body, maxItems: 1 })).status).toBe(202);
  await stage.pump();
  expect((await post("/jobs/line-job/batches", { ...body, maxItems: 1 })).status).toBe(200);
  expect((await post("/jobs/line-job/batches", { ...body, maxItems: 2 })).status).toBe(409);
  expect((await post("/jobs/line-job/batches", body)).status).toBe(409);
});

test("no items are a batch too", async () => {
  const { stage, submit, get } = await apiStage(lineJob());
  const { batch } = await submit({ input: { items: [] } });
  await stage.pump();
  expect((await get(`/batches/${batch}`)).json).toMatchObject({ state: "succeeded", items: { total: 0 } });
});

test("a prefix is all objects below it in key order, without folders", async () => {
  const { stage, submit, put } = await apiStage(lineJob());
  put("data/b.txt", "three\n");
  put("data/", "");
  put("data/a.txt", "one\ntwo\n");
  put("other/c.txt", "no\n");
  await submit({ input: { prefix: "s3://ours/data/" } });
  await stage.pump();
  expect(Object.values(resultsOf(stage))).toMatchObject([{ order: "one,two,three," }]);
});

test.for([
  ["JSON lines of URLs", '"s3://ours/b.txt"\n\n"s3://ours/a.txt"\n'],
  ["JSON lines of objects", '{"object":"s3://ours/b.txt"}\n{"object":"s3://ours/a.txt"}'],
  ["a JSON array", '\uFEFF[ "s3://ours/b.txt", {"object": "s3://ours/a.txt"} ]'],
] as const)("a manifest of %s is its objects in its order", async ([, text]) => {
  const { stage, submit, put } = await apiStage(lineJob());
  put("a.txt", "one\n");
  put("b.txt", "two\n");
  await submit({ input: { manifest: put("manifest", text) } });
  await stage.pump();
  expect(Object.values(resultsOf(stage))).toMatchObject([{ order: "two,one," }]);
});

test("a job that reads files accepts any number of objects, as one list", async () => {
  const job = defineJob({
    name: "texts",
    input: files({ as: "text" }),
    process: ({ text }) => text,
    join: count(),
  });
  const { stage, submit, put, get } = await apiStage(job);
  for (let n = 0; n < 1500; n++) put(`many/${"long-".repeat(40)}${n}.txt`, "x");
  const { batch } = await submit({ input: { prefix: "s3://ours/many/" } });
  await stage.pump();
  expect((await get(`/batches/${batch}`)).json).toMatchObject({ result: { value: 1500 } });
});

test("more objects than fit into a batch's record are an input of every reader", async () => {
  const { stage, submit, put } = await apiStage(lineJob());
  for (let n = 0; n < 300; n++) put(`many/${String(n).padStart(5, "0")}.txt`, `${n}\n`);
  const { batch } = await submit({ input: { prefix: "s3://ours/many/" } });
  await stage.pump();
  expect(Object.values(resultsOf(stage))).toMatchObject([
    { order: `${Array.from({ length: 300 }, (_, n) => n).join(",")},` },
  ]);
  const { input } = stage.ledger.records.get(`batch/${batch}`) ?? {};
  expect(JSON.stringify(input).length).toBeLessThan(500);
});

test("the same id and prefix are the same batch, also when objects have come", async () => {
  const { stage, post, put } = await apiStage(lineJob());
  put("data/a.txt", "one\n");
  const body = { input: { prefix: "s3://ours/data/" }, id: "t" };
  expect((await post("/jobs/line-job/batches", body)).status).toBe(202);
  await stage.pump();
  put("data/b.txt", "two\n");
  expect((await post("/jobs/line-job/batches", body)).status).toBe(200);
  const other = { ...body, input: { prefix: "s3://ours/data" } };
  expect((await post("/jobs/line-job/batches", other)).status).toBe(409);
});

test("a job that brings its own input needs no body", async () => {
  const { stage, submit, get } = await apiStage(countingJob(5));
  const { batch } = await submit();
  await stage.pump();
  expect((await get(`/batches/${batch}`)).json).toMatchObject({ result: { value: { order: upTo(5) } } });
});

test("a request can set the size of chunks", async () => {
  const { stage, submit, get } = await apiStage(countingJob(6));
  const { batch } = await submit({ chunk: { items: 2 } });
  await stage.pump();
  expect((await get(`/batches/${batch}`)).json).toMatchObject({ chunks: { total: 3 } });
});

test("the same id is the same batch: accepted once, then found; another input is refused", async () => {
  const { post, put, stage } = await apiStage(lineJob());
  const object = put("a.txt", "one\n");
  const first = await post("/jobs/line-job/batches", { id: "today", input: { object } });
  await stage.pump();
  const again = await post("/jobs/line-job/batches", { id: "today", input: { object } });
  expect([first.status, again.status]).toEqual([202, 200]);
  expect(again.headers["location"]).toBe(first.headers["location"]);
  expect(again.json).toMatchObject({ state: "succeeded" });
  const other = await post("/jobs/line-job/batches", { id: "today", input: { items: ["two"] } });
  expect(other).toMatchObject({ status: 409, json: { code: "BATCH_CONFLICT" } });
  put("a.txt", "changed\n");
  const changed = await post("/jobs/line-job/batches", { id: "today", input: { object } });
  expect(changed.status).toBe(409);
});

test("the next request wakes the coordinator if the first one died before it did", async () => {
  let dies = true;
  const { post, stage } = await apiStage(lineJob());
  stage.hook = ({ method }) => {
    if (dies && method === "send") throw new Error("refused");
  };
  const body = { id: "today", input: { items: ["one"] } };
  expect((await post("/jobs/line-job/batches", body)).status).toBe(500);
  dies = false;
  const again = await post("/jobs/line-job/batches", body);
  expect(again.status).toBe(200);
  expect(stage.queue.waiting("coordinator")).toBe(1);
  await stage.pump();
  expect((await post("/jobs/line-job/batches", body)).json).toMatchObject({ state: "succeeded" });
  expect(stage.queue.waiting("coordinator")).toBe(0);
});

test("the next request submits the batch of an id whose first request died", async () => {
  let dies = true;
  const { post, stage } = await apiStage(lineJob());
  stage.hook = ({ method, of }) => {
    if (dies && method === "update" && of.startsWith("batch/")) throw new Error("lost");
  };
  const body = { id: "today", input: { items: ["one"] } };
  expect((await post("/jobs/line-job/batches", body)).status).toBe(500);
  dies = false;
  expect((await post("/jobs/line-job/batches", body)).status).toBe(202);
  expect((await post("/jobs/line-job/batches", body)).status).toBe(200);
});

test("concurrent requests with one id are one batch with one input", async () => {
  const { post, stage } = await apiStage(lineJob());
  const body = { id: "today", input: { items: ["one", "two"] } };
  const replies = await Promise.all([1, 2, 3].map(() => post("/jobs/line-job/batches", body)));
  expect(new Set(replies.map(({ headers }) => headers["location"])).size).toBe(1);
  await stage.pump();
  expect(Object.values(resultsOf(stage))).toMatchObject([{ order: "one,two," }]);
});

test("params are checked against the job's schema before anything is started", async () => {
  const params = z.object({ rate: z.number() });
  const job = defineJob({ name: "rated", input: files(), params, process: () => 1 });
  const { post, stage } = await apiStage(job);
  const { status, json } = await post("/jobs/rated/batches", {
    params: { rate: "x" },
    input: { items: [1] },
  });
  expect(status).toBe(400);
  expect(json).toMatchObject({ code: "JOB_INVALID", detail: expect.stringContaining("rate") });
  expect(stage.ledger.records.size).toBe(0);
});

function resultsOf({ ledger, store }: Awaited<ReturnType<typeof apiStage>>["stage"]): unknown[] {
  return [...ledger.records].flatMap(([key, { result }]) => {
    if (!key.startsWith("batch/")) return [];
    const { name } = (result as unknown as { result: { name: string } }).result;
    return [JSON.parse(store.text(name)) as unknown];
  });
}
