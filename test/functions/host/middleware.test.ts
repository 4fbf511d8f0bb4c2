import type { Context } from "aws-lambda";
import { afterEach, describe, expect, test, vi } from "vitest";
import { handler as join } from "../../../functions/join.ts";
import { bundledJob } from "../../../functions/host/bundled-job.ts";
import { lambda } from "../../../functions/host/middleware.ts";
import * as noJob from "../../../functions/host/no-job.ts";
import { handler as worker } from "../../../functions/worker.ts";
import { countingJob } from "../../steps/jobs.ts";
import { register } from "../../tracing/collector.ts";
import { eventOf } from "../stack/sample-events.ts";

// Otherwise Powertools bypasses the console. It reads the environment when functions are imported.
vi.hoisted(() => {
  process.env["POWERTOOLS_DEV"] = "true";
  process.env["POWERTOOLS_METRICS_DISABLED"] = "false";
});

const CONTEXT = {
  functionName: "shop-sweeper",
  awsRequestId: "e4b46cbf",
  getRemainingTimeInMillis: () => 1000,
} as Context;

const ENV = {
  FANJOIN_NAME: "shop",
  FANJOIN_TABLE: "shop-table",
  FANJOIN_BUCKET: "shop-data",
  FANJOIN_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/1/shop-coordinator",
  FANJOIN_JOBS: "{}",
  AWS_REGION: "us-east-1",
};

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The parsed log lines that are written while `action` runs. */
async function linesOf(action: () => Promise<unknown>): Promise<{ readonly [field: string]: unknown }[]> {
  const lines: string[] = [];
  for (const method of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(line));
  await action();
  return lines.map((line) => JSON.parse(line) as { readonly [field: string]: unknown });
}

function stubEnvironment(): void {
  for (const [name, value] of Object.entries(ENV)) vi.stubEnv(name, value);
}

test("every log line names its function, and counts are metrics", async () => {
  stubEnvironment();
  const handler = lambda("sweeper", ({ log, count }) => async () => {
    log.info("swept", { batch: "01A" });
    count("BatchesEnded", 2);
    count("BatchesFailed", 0);
    return "done";
  });
  let answer: unknown;
  const lines = await linesOf(async () => {
    answer = await handler({}, CONTEXT);
  });
  expect(answer).toBe("done");
  expect(lines[0]).toMatchObject({
    level: "INFO",
    message: "swept",
    batch: "01A",
    function: "sweeper",
    service: "shop",
  });
  expect(lines[1]).toMatchObject({ BatchesEnded: 2, service: "shop", _aws: expect.anything() as unknown });
  expect(lines[1]).not.toHaveProperty("BatchesFailed");
  expect(lines).toHaveLength(2);
});

test("times of chunks are one metric, of which percentiles are known", async () => {
  stubEnvironment();
  const handler = lambda("worker", ({ timeChunk }) => async () => {
    for (const ms of [12.5, 900, 13]) timeChunk(ms);
  });
  const [line, ...others] = await linesOf(() => handler({}, CONTEXT));
  expect(others).toEqual([]);
  expect(line).toMatchObject({ ChunkTime: [12.5, 900, 13], service: "shop" });
  const { _aws: emf } = line as { readonly _aws: { readonly CloudWatchMetrics: unknown } };
  expect(emf.CloudWatchMetrics).toMatchObject([
    { Namespace: "fanjoin", Metrics: [{ Name: "ChunkTime", Unit: "Milliseconds" }] },
  ]);
});

test("an error is logged before it reaches Lambda", async () => {
  stubEnvironment();
  const handler = lambda("sweeper", () => () => Promise.reject(new TypeError("boom")));
  const lines = await linesOf(() => expect(handler({}, CONTEXT)).rejects.toThrow("boom"));
  expect(lines[0]).toMatchObject({
    level: "ERROR",
    function: "sweeper",
    error: { name: "TypeError", message: "boom" },
  });
});

describe("the traces of a function", () => {
  /** What happens with spans, in order. A flush is over after a turn of the event loop. */
  function watched(): string[] {
    const happened: string[] = [];
    register({
      onStart: () => {},
      onEnd: ({ name }) => void happened.push(`${name} ended`),
      async forceFlush() {
        happened.push("flush begun");
        await new Promise(setImmediate);
        happened.push("flushed");
      },
      shutdown: () => Promise.resolve(),
    });
    return happened;
  }

  const working = (outcome: () => Promise<string>) =>
    lambda("sweeper", ({ ports }) => async () => {
      const { tracer } = ports;
      if (!tracer) return outcome();
      return tracer.span({ name: "sweep", kind: "internal", attributes: {} }, outcome);
    });

  test.each([
    ["answers", () => Promise.resolve("done")],
    ["fails", () => Promise.reject(new TypeError("boom"))],
  ] as const)("are exported before an invocation %s: later there may be no time", async (how, outcome) => {
    stubEnvironment();
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    const happened = watched();
    const handler = working(outcome);
    await linesOf(async () => {
      const answer = await Promise.allSettled([handler({}, CONTEXT)]);
      happened.push(...answer.map(({ status }) => status));
    });
    const ends = { answers: "fulfilled", fails: "rejected" }[how];
    expect(happened).toEqual(["sweep ended", "flush begun", "flushed", ends]);
  });

  test("are not asked for where the environment names no exporter", async () => {
    stubEnvironment();
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", undefined);
    const happened = watched();
    await linesOf(() => expect(working(async () => "done")({}, CONTEXT)).resolves.toBe("done"));
    expect(happened).toEqual([]);
  });
});

test("without its environment, every invocation of a function fails and names what is missing", async () => {
  stubEnvironment();
  vi.stubEnv("FANJOIN_TABLE", undefined);
  const handler = lambda("sweeper", () => async () => "done");
  await linesOf(() => expect(handler({}, CONTEXT)).rejects.toThrow("FANJOIN_TABLE is missing"));
});

test("if composing fails, a worker's invocation fails, and so does every message of a join", async () => {
  await linesOf(async () => {
    await expect(worker({ describe: {} }, CONTEXT)).rejects.toThrow("FANJOIN_NAME is missing");
    const event = eventOf({ kind: "plan", batch: "01A", entry: 0 });
    const answer: unknown = await join(event, CONTEXT);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "m0" }] });
  });
});

test("a job has to be deployed under the name in its file", () => {
  const job = countingJob(1);
  expect(bundledJob({ default: job }, "counting")).toBe(job);
  expect(() => bundledJob({ default: job }, "sums")).toThrow("the job counting was deployed as sums");
  expect(() => bundledJob({ default: {} }, "counting")).toThrow("not a job");
});

test("a function that was bundled without a job says so", () => {
  const job = bundledJob(noJob, null);
  expect(() => job.process(1, {} as never)).toThrow("bundled without a job");
});
