import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { apiHandler, handler } from "../../functions/api.ts";
import { requestIn } from "../../functions/events/api-event.ts";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import { cancel } from "../../src/batch/submit.ts";
import type { BatchSpec } from "../../src/batch/spec.ts";
import { files } from "../../src/input/files.ts";
import { defineJob } from "../../src/job/job.ts";
import type { Job } from "../../src/job/job.ts";
import { countingJob, lineJob } from "../steps/jobs.ts";
import { SAMPLE_BATCH, memoryStack } from "./stack/stack.ts";
import { integers } from "./stack/inputs.ts";
import { DIED } from "./stack/stack-interface.ts";
import { readSample } from "./stack/sample-events.ts";
import type { Stack } from "./stack/stack-interface.ts";

const BASE = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/v1";

beforeEach(() => {
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "example");
  vi.stubEnv("AWS_ENDPOINT_URL", undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const event = (name: string): APIGatewayProxyEvent => readSample(name) as APIGatewayProxyEvent;

interface Served {
  readonly stack: Stack;
  readonly ask: (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;
}

function served(job: Job = lineJob(), apiOrigins: readonly string[] = []): Served {
  const stack = memoryStack([job]);
  return {
    stack,
    async ask(given) {
      const answer = await stack.invoke(
        (host) => apiHandler({ ...host, environment: { ...host.environment, apiOrigins } }),
        given,
      );
      if (answer === DIED) throw new Error("it died");
      return answer;
    },
  };
}

test("a request is a batch, with URLs below the stage", async () => {
  const { ask, stack } = served();
  const { statusCode, headers, body } = await ask(event("api"));
  expect(statusCode).toBe(202);
  const summary = JSON.parse(body) as BatchSummary;
  expect(headers?.["location"]).toBe(`${BASE}/batches/${summary.batch}`);
  expect(stack.counts.get("BatchesStarted")).toBe(1);
  await stack.pump();
  const again = await ask(event("api"));
  expect(again.statusCode).toBe(200);
  expect(JSON.parse(again.body)).toMatchObject({
    state: "succeeded",
    result: { path: `${BASE}/batches/${summary.batch}/result` },
  });
  const list = await ask(event("api-list"));
  expect(JSON.parse(list.body)).toMatchObject({ batches: [{ batch: summary.batch }], cursor: null });
});

test.for([
  ["api-malformed-json", 400, "REQUEST_INVALID"],
  ["api-wrong-content-type", 415, "REQUEST_INVALID"],
  ["api-forbidden-bucket", 403, "INPUT_FORBIDDEN"],
  ["api-unknown-job", 404, "JOB_UNKNOWN"],
  ["api-climbing-id", 404, "BATCH_UNKNOWN"],
] as const)("%s is answered with %i %s, and starts nothing", async ([name, status, code]) => {
  const { ask, stack } = served();
  const { statusCode, headers, body } = await ask(event(name));
  expect({ statusCode, type: headers?.["content-type"] }).toEqual({
    statusCode: status,
    type: "application/problem+json",
  });
  expect(JSON.parse(body)).toMatchObject({ code, status });
  expect(stack.ledger.records.size).toBe(0);
  expect(stack.lines).toEqual([]);
});

const SECRET = "s3://shop-data/attempts/AbCdEfGhIjKlMnOp/partial";

test.for([
  ["an object of attempts/", { object: SECRET }],
  ["an object of batches/", { object: "s3://shop-data/batches/01K/outputs.jsonl" }],
  ["an object in no folder", { object: "s3://shop-data/uploads" }],
  ["the prefix attempts/", { prefix: "s3://shop-data/attempts/" }],
  ["the whole bucket", { prefix: "s3://shop-data/" }],
  ["a prefix that is a part of a folder's name", { prefix: "s3://shop-data/up" }],
  ["a manifest in batches/", { manifest: "s3://shop-data/batches/01K/outputs.jsonl" }],
] as const)("%s is no input: 403, and nothing starts", async ([, input]) => {
  const { ask, stack } = served();
  stack.store.put(SECRET, "secret\n");
  stack.store.put("s3://shop-data/batches/01K/outputs.jsonl", `"s3://shop-data/inputs/a.txt"\n`);
  stack.store.put("s3://shop-data/inputs/a.txt", "1\n");
  const { statusCode, body } = await ask({ ...event("api"), body: JSON.stringify({ input }) });
  expect(statusCode).toBe(403);
  expect(JSON.parse(body)).toMatchObject({
    code: "INPUT_FORBIDDEN",
    detail: expect.stringMatching(
      /only uploads\/ and inputs\/ hold inputs.*s3:\/\/shop-data\/inputs\//,
    ) as string,
  });
  expect(stack.ledger.records.size).toBe(0);
});

test("a batch of a manifest that lists an object of attempts/ ends, and the object is not read", async () => {
  const { ask, stack } = served();
  stack.store.put(SECRET, "secret\n");
  stack.store.put("s3://shop-data/inputs/list.jsonl", `"${SECRET}"\n`);
  const input = { manifest: "s3://shop-data/inputs/list.jsonl" };
  const { statusCode, body } = await ask({ ...event("api"), body: JSON.stringify({ input }) });
  expect(statusCode).toBe(202);
  await stack.pump();
  const { batch } = JSON.parse(body) as BatchSummary;
  expect(stack.ledger.records.get(`batch/${batch}`)).toMatchObject({
    state: "failed",
    error: { code: "INPUT_FORBIDDEN" },
  });
});

test.for(["uploads/line-job/a.txt", "inputs/line-job/a.txt"])("%s is an input", async (key) => {
  const { ask, stack } = served();
  stack.store.put(`s3://shop-data/${key}`, "1\n");
  const body = JSON.stringify({ input: { object: `s3://shop-data/${key}` } });
  expect(await ask({ ...event("api"), body })).toMatchObject({ statusCode: 202 });
});

test("files() takes no file of another job's attempts", async () => {
  const whole = defineJob({ name: "line-job", input: files(), process: ({ name }) => name });
  const { ask, stack } = served(whole);
  stack.store.put(SECRET, "secret\n");
  const refused = await ask({ ...event("api"), body: JSON.stringify({ input: { object: SECRET } }) });
  expect(refused.statusCode).toBe(403);
});

test("a batch whose input may no longer be read is not redriven", async () => {
  const { ask, stack } = served();
  const input = {
    reader: "lines",
    options: {},
    sources: [{ name: SECRET, label: "x", size: 2, version: "1" }],
  };
  stack.store.put(SECRET, "x\n");
  await stack.submit(input as BatchSpec["input"]);
  await cancel(stack.ports, SAMPLE_BATCH);
  await stack.pump();
  const request = {
    resource: "/batches/{batch}/redrive",
    pathParameters: { batch: SAMPLE_BATCH },
    body: null,
  };
  const { statusCode, body } = await ask({ ...event("api"), ...request });
  expect(statusCode).toBe(403);
  expect(JSON.parse(body)).toMatchObject({ code: "INPUT_FORBIDDEN" });
  expect(stack.batch()).toMatchObject({ state: "cancelled" });
});

test("the input of failed chunks has signed URLs, and that of a bucket that may no longer be read has none", async () => {
  const { ask, stack } = served(lineJob((line) => JSON.parse(line)));
  const name = "s3://shop-data/inputs/line-job/a.txt";
  const chunks = {
    ...event("api"),
    httpMethod: "GET",
    resource: "/batches/{batch}/chunks",
    path: `/batches/${SAMPLE_BATCH}/chunks`,
    pathParameters: { batch: SAMPLE_BATCH },
    queryStringParameters: { failed: "" },
    body: null,
  };
  stack.store.put(name, "1\nx\n");
  const { version = "" } = (await stack.store.stat(name)) ?? {};
  const input = { reader: "lines", options: {}, sources: [{ name, label: "a.txt", size: 4, version }] };
  await stack.submit(input as BatchSpec["input"]);
  await stack.pump();
  const { statusCode, body } = await ask(chunks);
  expect(statusCode).toBe(200);
  const [chunk] = (JSON.parse(body) as { chunks: { bytes: { url: string } }[] }).chunks;
  const { host, pathname, searchParams } = new URL(chunk?.bytes.url ?? "");
  expect([host, pathname]).toEqual(["shop-data.s3.eu-central-1.amazonaws.com", "/inputs/line-job/a.txt"]);
  // The range is the client's to choose.
  expect(searchParams.get("X-Amz-SignedHeaders")).toBe("host");
  const key = `batch/${SAMPLE_BATCH}`;
  const sources = [{ name: "s3://others/a.txt", label: "a.txt", size: 4, version }];
  await stack.ports.ledger.update({ key, when: [], set: { input: { ...input, sources } }, add: {} });
  const refused = await ask(chunks);
  expect(refused.statusCode).toBe(403);
  expect(JSON.parse(refused.body)).toMatchObject({ code: "INPUT_FORBIDDEN" });
});

test("an upload's URL is signed for any body, of the stack's own bucket", async () => {
  const { ask } = served();
  const upload = { ...event("api"), resource: "/jobs/{job}/uploads", body: '{"name":"a b.csv"}' };
  const { statusCode, body } = await ask(upload);
  expect(statusCode).toBe(201);
  const { url, object } = JSON.parse(body) as { url: string; object: string };
  const { host, pathname, searchParams } = new URL(url);
  expect(host).toBe("shop-data.s3.eu-central-1.amazonaws.com");
  expect(pathname).toBe("/uploads/line-job/a%20b.csv");
  expect([...searchParams.keys()].filter((name) => name.startsWith("x-amz-"))).toEqual([]);
  expect(searchParams.get("X-Amz-SignedHeaders")).toBe("host");
  expect(object).toBe("s3://shop-data/uploads/line-job/a b.csv");
});

test("an unexpected error is logged and answered with 500", async () => {
  const { ask, stack } = served();
  const error = new Error("the table is gone");
  vi.spyOn(stack.ledger, "list").mockRejectedValue(error);
  const { statusCode, body } = await ask(event("api-list"));
  expect({ statusCode, leaks: body.includes("table") }).toEqual({ statusCode: 500, leaks: false });
  expect(stack.lines).toMatchObject([{ level: "error", message: "request failed", fields: { error } }]);
});

const SHOP = "https://shop.example";

/** The headers of an answer to a page of this origin that are about origins. */
async function corsOf({ ask }: Served, name: string, origin: string): Promise<object> {
  const plain = event(name);
  const { headers = {} } = await ask({ ...plain, headers: { ...plain.headers, Origin: origin } });
  return Object.fromEntries(
    Object.entries(headers).filter(([header]) => header === "vary" || header.startsWith("access-control-")),
  );
}

test("pages of the listed origins can read answers and errors; other pages can read none", async () => {
  const listed = served(lineJob(), [SHOP, "https://other.example"]);
  for (const name of ["api", "api-list", "api-unknown-job"]) {
    expect(await corsOf(listed, name, SHOP)).toEqual({
      vary: "origin",
      "access-control-allow-origin": SHOP,
      "access-control-expose-headers":
        "fanjoin-cursor, fanjoin-outputs, fanjoin-state, retry-after, x-amzn-errortype",
    });
    expect(await corsOf(listed, name, "https://evil.example")).toEqual({ vary: "origin" });
  }
  expect(await corsOf(served(), "api", SHOP)).toEqual({});
});

test("a body in base64 is decoded", () => {
  const plain = event("api");
  const encoded = { ...plain, body: Buffer.from(plain.body ?? "").toString("base64"), isBase64Encoded: true };
  expect(Buffer.from(requestIn(encoded, {}).body).toString()).toBe(plain.body);
});

test("behind a domain of the user's own, URLs begin with its path", () => {
  const plain = event("api");
  const requestContext = {
    ...plain.requestContext,
    domainName: "api.example",
    path: `/batches-api${plain.path}`,
  };
  const { path, base } = requestIn({ ...plain, path: `/batches-api${plain.path}`, requestContext }, {});
  expect({ path, base }).toEqual({ path: "/jobs/line-job/batches", base: "https://api.example/batches-api" });
});

test("with an endpoint in place of AWS, URLs begin with that", () => {
  const { base } = requestIn(event("api"), { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" });
  expect(base).toBe("http://127.0.0.1:4566/_aws/execute-api/a1b2c3d4e5/v1");
});

test("a function with an incomplete environment fails every request, and says what is missing", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  await expect(handler(event("api"), {} as never)).rejects.toThrow(/FANJOIN_NAME/);
});

test("pages of outputs are answered while the functions run the batch", async () => {
  const page = (after: string): APIGatewayProxyEvent => ({
    ...event("api-list"),
    resource: "/batches/{batch}/outputs",
    pathParameters: { batch: SAMPLE_BATCH },
    queryStringParameters: { after },
  });
  const pages: APIGatewayProxyResult[] = [];
  const job = countingJob(60, async (n: number) => {
    if (n === 50) pages.push(await ask(page("")));
    return n;
  });
  const { ask, stack } = served(job);
  await stack.submit(integers(60), { chunk: { items: 2, bytes: null } });
  await stack.pump();
  const [first] = pages;
  expect(first).toMatchObject({ statusCode: 200, headers: { "fanjoin-outputs": "waiting" } });
  const rest = await ask(page(String(first?.headers?.["fanjoin-cursor"])));
  expect(rest.headers).toMatchObject({ "fanjoin-outputs": "ended", "fanjoin-state": "succeeded" });
  const expected = Array.from({ length: 60 }, (_, n) => `${n}\n`).join("");
  expect((first?.body ?? "") + rest.body).toBe(expected);
  expect(first?.body).toMatch(/^0\n1\n/);
  expect(rest.body).toMatch(/59\n$/);
});
