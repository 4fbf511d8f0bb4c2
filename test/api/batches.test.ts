import { expect, test } from "vitest";
import * as z from "zod";
import { csv } from "../../src/input/csv.ts";
import { range } from "../../src/input/range.ts";
import { collect } from "../../src/joins/exact/count.ts";
import { defineJob } from "../../src/job/job.ts";
import type { BatchFiles } from "../../src/batch/summary/files.ts";
import { FanjoinError } from "../../src/core/errors/errors.ts";
import { countingJob, csvJob, joinlessJob, lineJob } from "../steps/jobs.ts";
import { apiStage, BASE } from "./api-stage.ts";

test("outputs by key are a list of files, and each of them can be read", async () => {
  const job = defineJob({
    name: "by-parity",
    input: range(9),
    process: (n) => ({ parity: n % 2 === 0 ? "even" : "odd", n }),
    join: collect<{ readonly parity: string; readonly n: number }>({ by: "parity", format: "csv" }),
  });
  const { stage, submit, get } = await apiStage(job);
  const { batch } = await submit({});
  expect(await get(`/batches/${batch}/outputs?file=parity=odd.csv`)).toMatchObject({ status: 409 });
  await stage.pump();
  const { body: list } = await get(`/batches/${batch}/outputs`);
  expect(list).toBe(
    '{"key":"even","file":"parity=even.csv","bytes":50}\n{"key":"odd","file":"parity=odd.csv","bytes":38}\n',
  );
  const odd = await get(`/batches/${batch}/outputs?file=parity=odd.csv`);
  expect(odd).toMatchObject({
    status: 303,
    headers: { location: expect.stringContaining("parity=odd.csv") as string },
  });
  const { result } = stage.ledger.records.get(`batch/${batch}`) ?? {};
  const { name = "" } = (result as unknown as BatchFiles).outputs ?? {};
  const text = stage.store.text(`${name.replace(".jsonl", "")}/parity=odd.csv`);
  expect(text).toBe("parity,n\r\nodd,1\r\nodd,3\r\nodd,5\r\nodd,7\r\n");
  for (const file of ["parity=none.csv", "..%2Fresult.json", "parity=%2F..%2F..%2Fx"])
    expect(await get(`/batches/${batch}/outputs?file=${file}`)).toMatchObject({
      status: 404,
      json: { code: "RESULT_UNKNOWN" },
    });
  expect(await get(`/batches/${batch}/outputs?after=`)).toMatchObject({ status: 404 });
  expect((await get(`/batches/${batch}`)).json).toMatchObject({
    outputs: { files: { count: 2, bytes: 88 } },
  });
});

test("small results, outputs and failed items are in the answer itself", async () => {
  const job = defineJob({
    name: "strings",
    input: csv<"id">(),
    process({ id }: { readonly id: string }) {
      if (id === "2") throw new TypeError("no twos");
      return { id };
    },
    join: collect(),
  });
  const { stage, submit, get } = await apiStage(job);
  const { batch } = await submit({ input: { items: [{ id: "1" }, { id: "2" }, { id: "3" }] } });
  for (const file of ["result", "outputs", "failed"]) {
    expect(await get(`/batches/${batch}/${file}`)).toMatchObject({
      status: 409,
      json: { code: "BATCH_NOT_READY" },
    });
  }
  await stage.pump();
  const outputs = await get(`/batches/${batch}/outputs`);
  expect(outputs).toMatchObject({ status: 200, headers: { "content-type": "application/jsonl" } });
  expect(outputs.body).toBe('{"id":"1"}\n{"id":"3"}\n');
  const failed = await get(`/batches/${batch}/failed`);
  expect(JSON.parse(failed.body)).toMatchObject({
    index: 1,
    code: "ITEM_FAILED",
    error: { message: "no twos" },
  });
  expect((await get(`/batches/${batch}`)).json).toMatchObject({
    outputs: { path: `${BASE}/batches/${batch}/outputs` },
    failed: { path: `${BASE}/batches/${batch}/failed` },
    failures: {
      groups: [
        {
          code: "ITEM_FAILED",
          class: "TypeError",
          message: "no twos",
          count: 1,
          first: [{ source: "items", index: 1, line: 2 }],
        },
      ],
      others: 0,
    },
  });
});

test("a result is the joined value as JSON", async () => {
  const { stage, submit, get } = await apiStage(countingJob(3));
  const { batch } = await submit();
  await stage.pump();
  const { status, headers, json } = await get(`/batches/${batch}/result`);
  expect({ status, type: headers["content-type"] }).toEqual({ status: 200, type: "application/json" });
  expect(json).toEqual({ order: "0,1,2,", all: 3 });
});

test("large files are behind a signed URL", async () => {
  const job = defineJob({
    name: "big",
    input: range(1200),
    process: () => "x".repeat(1000),
    join: collect(),
  });
  const { stage, submit, get, request } = await apiStage(job);
  const { batch } = await submit();
  await stage.pump();
  const { status, headers, body } = await get(`/batches/${batch}/outputs`);
  expect({ status, body }).toEqual({ status: 303, body: "" });
  expect(headers["location"]).toMatch(/^https:\/\/signed\.example\/.*type=application\/jsonl/);
  const accept = "application/jsonl, text/uri-list";
  const listed = await request("GET", `/batches/${batch}/outputs`, { headers: { accept } });
  expect(listed).toMatchObject({ status: 200, body: `${headers["location"]}\r\n` });
  expect(listed.headers["content-type"]).toBe("text/uri-list");
});

test("a request that accepts a list of URLs gets a small file itself", async () => {
  const { stage, submit, request } = await apiStage(joinlessJob(3));
  const { batch } = await submit();
  await stage.pump();
  const headers = { accept: "text/uri-list" };
  const small = await request("GET", `/batches/${batch}/failed`, { headers });
  expect([small.status, small.headers["content-type"]]).toEqual([200, "application/jsonl"]);
});

test("no failed items are an empty answer; a job without a result is 404", async () => {
  const { stage, submit, get } = await apiStage(joinlessJob(3));
  const { batch } = await submit();
  await stage.pump();
  expect(await get(`/batches/${batch}/failed`)).toMatchObject({ status: 200, body: "" });
  for (const file of ["result", "outputs"]) {
    expect(await get(`/batches/${batch}/${file}`)).toMatchObject({
      status: 404,
      json: { code: "RESULT_UNKNOWN" },
    });
  }
});

test("a cancel is accepted once; an ended batch is returned unchanged", async () => {
  const { stage, submit, post } = await apiStage(lineJob());
  const { batch } = await submit({ input: { items: ["x"] } });
  const first = await post(`/batches/${batch}/cancel`);
  expect(first).toMatchObject({ status: 202, json: { state: "cancelling" } });
  expect(first.headers["location"]).toBe(`${BASE}/batches/${batch}`);
  expect((await post(`/batches/${batch}/cancel`, {})).status).toBe(202);
  await stage.pump();
  expect(await post(`/batches/${batch}/cancel`)).toMatchObject({ status: 200, json: { state: "cancelled" } });
  expect((await post("/batches/01NONE/cancel")).status).toBe(404);
});

test("a redrive runs the items that match its filter; without any, the batch is returned unchanged", async () => {
  const { stage, submit, post, get } = await apiStage(csvJob());
  const { batch } = await submit({
    input: {
      items: [
        { id: "1", note: "bad" },
        { id: "2", note: "" },
      ],
    },
  });
  expect(await post(`/batches/${batch}/redrive`)).toMatchObject({
    status: 409,
    json: { code: "BATCH_NOT_READY" },
  });
  await stage.pump();
  expect((await get(`/batches/${batch}`)).json).toMatchObject({ state: "completed-with-failures" });
  const begun = await post(`/batches/${batch}/redrive`, { codes: ["ITEM_FAILED"], classes: ["TypeError"] });
  expect(begun.status).toBe(202);
  await stage.pump();
  expect((await get(`/batches/${batch}`)).json).toMatchObject({ items: { succeeded: 1, failed: 1 } });
  const { batch: fine } = await submit({ input: { items: [] } });
  await stage.pump();
  expect(await post(`/batches/${fine}/redrive`)).toMatchObject({ status: 200, json: { state: "succeeded" } });
  expect((await post("/batches/01NONE/redrive")).status).toBe(404);
});

test("the id of a batch may be in lower case", async () => {
  const { submit, get } = await apiStage(lineJob());
  const { batch } = await submit({ input: { items: [] } });
  expect((await get(`/batches/${batch.toLowerCase()}`)).json).toMatchObject({ batch });
});

test("a job is shown with its reader and its schemas", async () => {
  const job = defineJob({
    name: "sales",
    input: csv<"country" | "amount">({ delimiter: ";" }),
    item: z.object({ country: z.string(), amount: z.string().trim().min(1).pipe(z.coerce.number()) }),
    params: z.object({ rate: z.number() }),
    process: (row) => row,
  });
  const { get } = await apiStage(job);
  const view = {
    job: "sales",
    reader: { kind: "csv", options: { delimiter: ";" } },
    input: "given",
    schemas: { item: { type: "object" }, params: { properties: { rate: { type: "number" } } } },
    joins: false,
    outputs: false,
  };
  expect(await get("/jobs/sales")).toMatchObject({ status: 200, json: view });
  expect((await get("/jobs")).json).toMatchObject({ jobs: [view] });
});

test("a job that cannot be described does not hide the others", async () => {
  const describe = async (name: string): Promise<never> => {
    if (name === "gone") throw new Error("no such function");
    throw new FanjoinError("JOB_INVALID", "it does not load");
  };
  const { get, reported } = await apiStage(lineJob(), { jobs: ["broken", "gone"], describe });
  expect((await get("/jobs")).json).toEqual({
    jobs: [
      { job: "broken", error: { code: "JOB_INVALID", message: "it does not load" } },
      { job: "gone", error: { code: "INTERNAL", message: "the job's function did not answer" } },
    ],
  });
  expect(reported).toHaveLength(1);
});

test("an upload starts a batch only below uploads/", async () => {
  const { post } = await apiStage(csvJob());
  const { status, json } = await post("/jobs/csv-job/uploads", { name: "2026/ä b.csv" });
  expect(status).toBe(201);
  expect(json).toMatchObject({
    method: "PUT",
    url: expect.stringMatching(/^https:/),
    object: "s3://ours/uploads/csv-job/2026/ä b.csv",
    expiresAt: expect.stringMatching(/Z$/),
  });
  const kept = await post("/jobs/csv-job/uploads", { name: "a.csv", start: false });
  expect(kept.json).toMatchObject({ object: "s3://ours/inputs/csv-job/a.csv" });
});
