import { readFileSync } from "node:fs";
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { apiHandler, handler } from "../../functions/api.ts";
import { requestIn } from "../../functions/api-event.ts";
import { readEnvironment } from "../../functions/environment.ts";
import type { Host } from "../../functions/middleware.ts";
import { answerDescribe } from "../../src/steps/describe.ts";
import type { BatchSummary } from "../../src/steps/summary.ts";
import { lineJob } from "../steps/jobs.ts";
import { stage } from "../steps/stage.ts";

const BASE = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/v1";
const CONTEXT = { getRemainingTimeInMillis: () => 29_000 };

beforeEach(() => {
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "example");
  vi.stubEnv("AWS_ENDPOINT_URL", undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

function event(name: string): APIGatewayProxyEvent {
  const file = new URL(`../../events/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as APIGatewayProxyEvent;
}

interface Served {
  readonly ask: (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;
  readonly one: Awaited<ReturnType<typeof stage>>;
  readonly said: [string, unknown][];
}

async function served(): Promise<Served> {
  const job = lineJob();
  const one = await stage({ job });
  const said: [string, unknown][] = [];
  const say = (message: string, fields?: unknown): void => void said.push([message, fields]);
  let made = 0;
  const host: Host = {
    environment: readEnvironment({
      FANJOIN_NAME: "demo",
      FANJOIN_TABLE: "demo",
      FANJOIN_BUCKET: "ours",
      FANJOIN_QUEUE_URL: "https://sqs.example/1/demo-coordinator",
      FANJOIN_TIMEOUT_SECONDS: "29",
      FANJOIN_JOBS: '{"line-job":"sqs"}',
    }),
    ports: one.ports,
    async describe(_, params) {
      const answer = await answerDescribe(job, params === undefined ? {} : { params });
      if ("job" in answer) return answer.job;
      throw new Error(answer.error.message);
    },
    newBatch: () => `01K${String(++made).padStart(23, "0")}`,
    random: Math.random,
    log: { debug: say, info: say, warn: say, error: say },
    count: (metric) => say(metric),
  };
  const handle = apiHandler(host);
  return { one, said, ask: (given) => handle(given, CONTEXT) };
}

test("a request is a batch, with URLs below the stage", async () => {
  const { ask, one, said } = await served();
  const { statusCode, headers, body } = await ask(event("api"));
  expect(statusCode).toBe(202);
  const summary = JSON.parse(body) as BatchSummary;
  expect(headers?.["location"]).toBe(`${BASE}/batches/${summary.batch}`);
  expect(said.map(([message]) => message)).toEqual(["BatchesStarted", "a request is a batch"]);
  await one.pump();
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
] as const)("%s is answered with %i %s, and touches no store", async ([name, status, code]) => {
  const { ask, one, said } = await served();
  const touched: string[] = [];
  one.hook = ({ port, method }) => void touched.push(`${port} ${method}`);
  const { statusCode, headers, body } = await ask(event(name));
  expect({ statusCode, type: headers?.["content-type"] }).toEqual({
    statusCode: status,
    type: "application/problem+json",
  });
  expect(JSON.parse(body)).toMatchObject({ code, status });
  expect({ touched, said }).toEqual({ touched: [], said: [] });
});

test("an upload's URL is signed for any body, of the stack's own bucket", async () => {
  const { ask } = await served();
  const upload = { ...event("api"), resource: "/jobs/{job}/uploads", body: '{"name":"a b.csv"}' };
  const { statusCode, body } = await ask(upload);
  expect(statusCode).toBe(201);
  const { url, object } = JSON.parse(body) as { url: string; object: string };
  const { host, pathname, searchParams } = new URL(url);
  expect(host).toBe("ours.s3.eu-central-1.amazonaws.com");
  expect(pathname).toBe("/uploads/line-job/a%20b.csv");
  expect([...searchParams.keys()].filter((name) => name.startsWith("x-amz-"))).toEqual([]);
  expect(searchParams.get("X-Amz-SignedHeaders")).toBe("host");
  expect(object).toBe("s3://ours/uploads/line-job/a b.csv");
});

test("what nobody expected is logged and answered with 500", async () => {
  const { ask, one, said } = await served();
  const error = new Error("the table is gone");
  one.hook = () => {
    throw error;
  };
  const { statusCode, body } = await ask(event("api-list"));
  expect({ statusCode, leaks: body.includes("table") }).toEqual({ statusCode: 500, leaks: false });
  expect(said).toEqual([["a request failed", { error }]]);
});

test("a body in base64 is decoded", () => {
  const plain = event("api");
  const encoded = { ...plain, body: Buffer.from(plain.body ?? "").toString("base64"), isBase64Encoded: true };
  expect(requestIn(encoded, {}).body).toBe(plain.body);
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

test("a function whose environment is not its stack's fails every request, and says what is missing", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  await expect(handler(event("api"), CONTEXT as never)).rejects.toThrow(/FANJOIN_NAME/);
});
