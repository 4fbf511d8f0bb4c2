import { expect, test } from "vitest";
import { MAX_BODY_BYTES } from "../../src/api/request-body.ts";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import { countingJob, csvJob, lineJob } from "../steps/jobs.ts";
import { apiStage, jsonBody } from "./api-stage.ts";
import type { ApiStage } from "./api-stage.ts";

const BATCHES = "/jobs/line-job/batches";

test("an error is a problem document with an error code and without internal details", async () => {
  const { get } = await apiStage(lineJob());
  const { status, headers, json } = await get("/batches/01NONE");
  expect(status).toBe(404);
  expect(headers["content-type"]).toBe("application/problem+json");
  expect(json).toEqual({
    type: "about:blank",
    title: "there is no such batch",
    status: 404,
    detail: 'there is no batch "01NONE": GET /batches lists all batches',
    code: "BATCH_UNKNOWN",
  });
});

test.for([
  ["GET", "/", 404, "REQUEST_INVALID"],
  ["GET", "/nothing", 404, "REQUEST_INVALID"],
  ["GET", "/batches/", 404, "BATCH_UNKNOWN"],
  ["GET", "/batches/../jobs", 404, "REQUEST_INVALID"],
  ["GET", "/batches/..%2F..%2Fetc", 404, "BATCH_UNKNOWN"],
  ["GET", "/batches/..", 404, "BATCH_UNKNOWN"],
  ["GET", "/batches/%00", 404, "BATCH_UNKNOWN"],
  ["GET", "/batches/01A%0A", 404, "BATCH_UNKNOWN"],
  ["GET", "/batches/%zz", 400, "REQUEST_INVALID"],
  ["GET", "/batches/%ff", 400, "REQUEST_INVALID"],
  ["GET", `/batches/${"A".repeat(9000)}`, 404, "BATCH_UNKNOWN"],
  ["GET", "/batches/..%2Fx/result", 404, "BATCH_UNKNOWN"],
  ["POST", "/batches/..%2Fx/cancel", 404, "BATCH_UNKNOWN"],
  ["POST", "/batches/..%2Fx/redrive", 404, "BATCH_UNKNOWN"],
  ["GET", "/jobs/none", 404, "JOB_UNKNOWN"],
  ["GET", "/jobs/__proto__", 404, "JOB_UNKNOWN"],
  ["POST", "/jobs/constructor/batches", 404, "JOB_UNKNOWN"],
  ["GET", "/batches?toString=x", 400, "REQUEST_INVALID"],
  ["GET", "/batches?__proto__=x", 400, "REQUEST_INVALID"],
  ["GET", "/batches?state=constructor", 400, "REQUEST_INVALID"],
  ["GET", "/jobs/..%2Fline-job", 404, "JOB_UNKNOWN"],
  ["GET", "/jobs/%00", 404, "JOB_UNKNOWN"],
  ["POST", "/jobs/none/batches", 404, "JOB_UNKNOWN"],
  ["POST", "/jobs/none/uploads", 404, "JOB_UNKNOWN"],
  ["GET", "/batches?job=none", 404, "JOB_UNKNOWN"],
  ["GET", "/batches?state=done", 400, "REQUEST_INVALID"],
  ["GET", "/batches?batch=../", 400, "REQUEST_INVALID"],
  ["GET", "/batches?limit=0", 400, "REQUEST_INVALID"],
  ["GET", "/batches?limit=1e9", 400, "REQUEST_INVALID"],
  ["GET", "/batches?cursor=x", 400, "REQUEST_INVALID"],
  ["GET", `/batches?cursor=${Buffer.from("../x").toString("base64url")}`, 400, "REQUEST_INVALID"],
  ["GET", "/batches?order=up", 400, "REQUEST_INVALID"],
] as const)("%s %s is %i %s, and touches no store", async ([method, path, status, code]) => {
  const { request, stage, reported } = await apiStage(lineJob());
  const touched: string[] = [];
  stage.hook = ({ port, method: what }) => void touched.push(`${port} ${what}`);
  expect(await request(method, path)).toMatchObject({ status, json: { status, code } });
  expect({ touched, reported }).toEqual({ touched: [], reported: [] });
});

test.for([
  ["DELETE", "/batches", "GET, HEAD"],
  ["GET", "/jobs/line-job/batches", "POST"],
  ["HEAD", "/jobs/line-job/batches", "POST"],
  ["PUT", "/batches/01A/cancel", "POST"],
  ["OPTIONS", "/jobs", "GET, HEAD"],
] as const)("%s %s is 405, and the answer allows %s", async ([method, path, allow]) => {
  const { request } = await apiStage(lineJob());
  expect(await request(method, path)).toMatchObject({ status: 405, headers: { allow } });
});

test.for([
  ["not JSON at all", "{"],
  ["a number that is too large", '{"input":{"items":[1e400]}}'],
  ["two documents", "{}{}"],
  ["an array", "[]"],
  ["null", "null"],
  ["a number", "1"],
  ["deeply nested arrays", `{"input":{"items":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`],
  ["an unknown field", '{"inptu":{}}'],
  ["a field of Object.prototype", '{"__proto__":{}}'],
  ["a form of input that is a name of Object.prototype", '{"input":{"__proto__":{"items":[]}}}'],
  ["bytes that are not UTF-8", Buffer.from('{"input":{"items":["\xFF"]}}', "latin1")],
  ["half a character", Buffer.from('{"input":{"items":["ü"]}}').subarray(0, -5)],
  ["an input that is a string", '{"input":"s3://ours/x"}'],
  ["no input, for a job that needs one", "{}"],
  ["two inputs", '{"input":{"object":"s3://ours/x","items":[]}}'],
  ["items that are not an array", '{"input":{"items":{"a":1}}}'],
  ["an object that is not an S3 URL", '{"input":{"object":"file:///etc/passwd"}}'],
  ["a bucket without a key", '{"input":{"object":"s3://ours/"}}'],
  ["an object with .. in its key", '{"input":{"object":"s3://ours/../../etc/passwd"}}'],
  ["an object with a control character", String.raw`{"input":{"object":"s3://ours/a\u0000b"}}`],
  ["an object with half a surrogate pair", String.raw`{"input":{"object":"s3://ours/\ud800"}}`],
  ["an object that is a folder", '{"input":{"object":"s3://ours/folder/"}}'],
  ["an id with ../", '{"id":"../x","input":{"items":[]}}'],
  ["an id with a control character", String.raw`{"id":"a\u0007","input":{"items":[]}}`],
  ["an id that is too long", `{"id":"${"a".repeat(129)}","input":{"items":[]}}`],
  ["a limit of no items", '{"maxItems":0,"input":{"items":[]}}'],
  ["a limit that is text", '{"maxItems":"5","input":{"items":[]}}'],
  ["a chunk of no items", '{"chunk":{"items":0},"input":{"items":[]}}'],
  ["a chunk of half an item", '{"chunk":{"items":0.5},"input":{"items":[]}}'],
  ["params that are too large", `{"params":"${"x".repeat(70_000)}","input":{"items":[]}}`],
] as const)("a body with %s is 400, and nothing is started", async ([, body]) => {
  const { request, stage, reported } = await apiStage(lineJob());
  const reply = await request("POST", BATCHES, jsonBody(body));
  expect(reply).toMatchObject({ status: 400, json: { code: "REQUEST_INVALID" } });
  expect(stage.ledger.records.size).toBe(0);
  expect(reported).toEqual([]);
});

test.for([
  ["text/plain", 415],
  ["application/x-www-form-urlencoded", 415],
  ["", 415],
  ["application/json-seq", 415],
  ["application/json; charset=utf-8", 202],
  ["application/vnd.fanjoin+json", 202],
] as const)("a body of content type %j is %i", async ([type, status]) => {
  const { request } = await apiStage(lineJob());
  const body = '{"input":{"items":["x"]}}';
  expect((await request("POST", BATCHES, { body, headers: { "content-type": type } })).status).toBe(status);
});

test.for(["toString", "constructor", "__proto__", "hasOwnProperty"])(
  "a redrive of the code %j is 400: only names of the table are codes",
  async (code) => {
    const { post, reported } = await apiStage(lineJob());
    const reply = await post("/batches/01A/redrive", { codes: [code] });
    expect(reply).toMatchObject({ status: 400, json: { code: "REQUEST_INVALID" } });
    expect(reported).toEqual([]);
  },
);

test("a HEAD has the status and the headers of the GET", async () => {
  const { request, get } = await apiStage(lineJob());
  for (const path of ["/jobs", "/batches", "/batches/01NONE", "/nothing"]) {
    const { status, headers } = await get(path);
    expect(await request("HEAD", path)).toMatchObject({ status, headers });
  }
});

/** Submits an input that is accepted, and returns the error that its batch ends with. */
async function errorOf({ submit, stage, get }: ApiStage, input: unknown): Promise<unknown> {
  const { batch } = await submit({ input });
  await stage.pump();
  const { json } = await get(`/batches/${batch}`);
  expect(json).toMatchObject({ state: "failed" });
  return (json as BatchSummary).error;
}

test("a manifest that is not UTF-8 ends its batch: its names would be others", async () => {
  const one = await apiStage(lineJob());
  const manifest = one.put("list", "");
  one.stage.store.put(manifest, Buffer.from('"s3://ours/caf\xE9.csv"\n', "latin1"));
  expect(await errorOf(one, { manifest })).toEqual({
    code: "INPUT_INVALID",
    message: `the manifest ${manifest} is not UTF-8`,
  });
});

test("a body over the limit is 413, and the detail says what to do", async () => {
  const { request } = await apiStage(lineJob());
  const item = "ü".repeat(MAX_BODY_BYTES / 2);
  const reply = await request("POST", BATCHES, jsonBody({ input: { items: [item] } }));
  expect(reply).toMatchObject({ status: 413, json: { code: "REQUEST_TOO_LARGE" } });
  expect((reply.json as { detail: string }).detail).toContain("/uploads");
});

test.for([
  ["object", { object: "s3://others/secret.csv" }],
  ["prefix", { prefix: "s3://others/" }],
  ["manifest", { manifest: "s3://others/list" }],
] as const)("an input in another bucket is 403 and is not read: %s", async ([, input]) => {
  const { post, stage } = await apiStage(lineJob());
  stage.store.put("s3://others/secret.csv", "x\n");
  const read: string[] = [];
  stage.hook = ({ port, of }) => void (port === "store" && read.push(of));
  const reply = await post(BATCHES, { input });
  expect(reply).toMatchObject({ status: 403, json: { code: "INPUT_FORBIDDEN" } });
  expect(read).toEqual([]);
});

test("an object in another bucket that a manifest lists ends the batch and is not read", async () => {
  const one = await apiStage(lineJob());
  one.stage.store.put("s3://others/secret.csv", "x\n");
  const manifest = one.put("list", '"s3://others/secret.csv"\n');
  const read: string[] = [];
  one.stage.hook = ({ port, of }) => void (port === "store" && of.startsWith("s3:") && read.push(of));
  expect(await errorOf(one, { manifest })).toMatchObject({ code: "INPUT_FORBIDDEN" });
  expect(new Set(read)).toEqual(new Set([manifest]));
});

test.for(["object", "manifest"] as const)("a missing %s is INPUT_NOT_FOUND", async (form) => {
  const { post } = await apiStage(lineJob());
  expect(await post(BATCHES, { input: { [form]: "s3://ours/none" } })).toMatchObject({
    status: 400,
    json: { code: "INPUT_NOT_FOUND", detail: "there is no object s3://ours/none" },
  });
});

test("a batch of a prefix below which there is nothing ends as INPUT_NOT_FOUND", async () => {
  expect(await errorOf(await apiStage(lineJob()), { prefix: "s3://ours/none/" })).toEqual({
    code: "INPUT_NOT_FOUND",
    message: "there are no objects below s3://ours/none/",
  });
});

test.for([
  ["is empty", "", "INPUT_INVALID", /lists no objects/],
  ["is an empty array", " [ ]", "INPUT_INVALID", /lists no objects/],
  ["is not JSON", "s3://ours/a.txt\n", "INPUT_INVALID", /neither a JSON array nor JSON lines/],
  ["is an array that does not end", '["s3://ours/a.txt",', "INPUT_INVALID", /neither a JSON array nor JSON/],
  ["is one endless line", "x".repeat(50_000), "INPUT_INVALID", /neither a JSON array nor JSON lines/],
  ["contains a number", "[7]", "INPUT_INVALID", /has the entry 7 \(number 0\)/],
  [
    "contains another URL",
    '["https://ours/a"]',
    "INPUT_INVALID",
    /"https:.*not the s3:\/\/ URL of an object/,
  ],
  [
    "lists a missing object",
    '["s3://ours/none"]',
    "INPUT_NOT_FOUND",
    /which the manifest .*ours\/list lists/,
  ],
] as const)("a manifest that %s ends its batch", async ([, text, code, message]) => {
  const one = await apiStage(lineJob());
  one.put("a.txt", "x\n");
  const error = await errorOf(one, { manifest: one.put("list", text) });
  expect(error).toEqual({ code, message: expect.stringMatching(message) as string });
});

test("an input for a job that brings its own is refused", async () => {
  const { post } = await apiStage(countingJob(3));
  const reply = await post("/jobs/counting/batches", { input: { items: [1] } });
  expect(reply).toMatchObject({ status: 400, json: { detail: expect.stringContaining("brings its own") } });
});

test.for([
  [{}],
  [{ name: "" }],
  [{ name: "../x" }],
  [{ name: "a/../../x" }],
  [{ name: "/etc/passwd" }],
  [{ name: "a//b" }],
  [{ name: ".hidden" }],
  [{ name: "a\\b" }],
  [{ name: "a\u0000b" }],
  [{ name: "a\nb" }],
  [{ name: "x".repeat(513) }],
  [{ name: 7 }],
  [{ name: "a", start: "yes" }],
  [{ name: "a", bucket: "others" }],
] as const)("an upload of %j is 400", async ([body]) => {
  const { post } = await apiStage(csvJob());
  expect(await post("/jobs/csv-job/uploads", body)).toMatchObject({
    status: 400,
    json: { code: "REQUEST_INVALID" },
  });
});

test("a redrive with unknown codes is 400", async () => {
  const { post, stage, submit } = await apiStage(lineJob());
  const { batch } = await submit({ input: { items: ["x"] } });
  await stage.pump();
  expect(await post(`/batches/${batch}/redrive`, { codes: ["NOPE"] })).toMatchObject({ status: 400 });
  expect(await post(`/batches/${batch}/redrive`, { codes: "ITEM_FAILED" })).toMatchObject({ status: 400 });
  expect(await post(`/batches/${batch}/redrive`, { class: ["x"] })).toMatchObject({ status: 400 });
});

test("an unexpected error is 500 and is reported, without internal details in the answer", async () => {
  const { get, stage, reported } = await apiStage(lineJob());
  stage.hook = () => {
    throw new Error("secret-table-name is down");
  };
  const reply = await get("/batches/01A");
  expect(reply).toMatchObject({ status: 500, json: { code: "INTERNAL" } });
  expect(reply.body).not.toContain("secret");
  expect(reported).toMatchObject([{ message: "secret-table-name is down" }]);
});
