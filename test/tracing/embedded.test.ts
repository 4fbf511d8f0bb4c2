/** Traces of the embedded engine, as a program that has registered an SDK gets them. */
import { BatchSpanProcessor, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { expect, test } from "vitest";
import { batchKey } from "../../src/core/records/batch/batch.ts";
import { open } from "../../src/open/open.ts";
import type { OpenOptions } from "../../src/open/open.ts";
import { loadTracer } from "../../src/tracing/load-tracer.ts";
import { bench, numbers, specFor } from "../local/engine/engines.ts";
import type { Bench } from "../local/engine/engines.ts";
import {
  HOSTILE,
  UNREACHABLE,
  collector,
  idOf,
  linksOf,
  register,
  traceOf,
  withinSpan,
} from "./collector.ts";

const ITEMS = 240;

/** Runs a batch in chunks of two items: its tree has two levels. */
async function run(at: Bench, options: OpenOptions): Promise<string> {
  const job = at.write("numbers.ts", numbers(ITEMS));
  await using fanjoin = await open({ directory: at.path("state"), threads: 2, ...options });
  const batch = await fanjoin.submit(job, { chunk: { items: 2 } });
  await batch.ended();
  expect(await batch.summary()).toMatchObject({ state: "succeeded" });
  return batch.id;
}

test("submit, plan, commit and the batch are in the trace of the caller; bundles and merges link to it", async () => {
  const at = bench();
  const { spans, names } = collector();
  const batch = await withinSpan("caller", () => run(at, { tracing: true }));
  expect(names()).toEqual(
    ["batch", "commit", "merge", "plan", "process", "submit"]
      .map((name) => `${name} numbers`)
      .concat("caller", "chunk")
      .toSorted(),
  );
  const [caller] = spans("caller");
  const [submitted] = spans("submit numbers");
  expect(submitted?.parentSpanContext?.spanId).toBe(idOf(caller));
  const ofBatch = [...spans("plan numbers"), ...spans("batch numbers")];
  for (const span of ofBatch) expect(span.parentSpanContext?.spanId).toBe(idOf(submitted));
  const [whole] = spans("batch numbers");
  expect(spans("commit numbers").map((span) => span.parentSpanContext?.spanId)).toEqual([idOf(whole)]);
  expect(whole?.attributes).toMatchObject({
    "fanjoin.batch.id": batch,
    "fanjoin.job": "numbers",
    "fanjoin.batch.state": "succeeded",
    "fanjoin.chunks": ITEMS / 2,
    "fanjoin.items.succeeded": ITEMS,
    "fanjoin.items.failed": 0,
  });
  const merges = spans("merge numbers");
  const levels = merges.map(({ attributes }) => Number(attributes["fanjoin.node.level"]));
  expect(levels.toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
  const apart = [...spans("process numbers"), ...merges];
  for (const span of apart) {
    expect(traceOf(span)).not.toBe(traceOf(caller));
    expect(span.parentSpanContext).toBeUndefined();
    expect(linksOf(span)).toEqual([idOf(submitted)]);
  }
  // No two of them share a trace.
  expect(new Set(apart.map(traceOf)).size).toBe(apart.length);
});

test("each chunk has one span, below that of its bundle and within its time", async () => {
  const at = bench();
  const { spans } = collector();
  await run(at, { tracing: true });
  const chunks = spans("chunk");
  const numbersOf = chunks.map(({ attributes }) => Number(attributes["fanjoin.chunk"]));
  expect(numbersOf.toSorted((a, b) => a - b)).toEqual(Array.from({ length: ITEMS / 2 }, (_, n) => n));
  const bundles = new Map(spans("process numbers").map((span) => [idOf(span), span]));
  for (const chunk of chunks) {
    const bundle = bundles.get(chunk.parentSpanContext?.spanId);
    expect(traceOf(chunk)).toBe(traceOf(bundle));
    expect(chunk.attributes).toMatchObject({ "fanjoin.items.succeeded": 2, "fanjoin.items.failed": 0 });
    expect(chunk.duration[0] * 1e9 + chunk.duration[1]).toBeGreaterThanOrEqual(0);
  }
});

test("the traceparent of the submission is kept, and another process goes on in its trace", async () => {
  const at = bench();
  const { spans } = collector();
  const tracer = await loadTracer(true, {});
  const job = at.write("numbers.ts", numbers(ITEMS));
  const first = await at.open(2, { tracer });
  const spec = specFor(await first.load(job), { items: 2 });
  await first.submit(spec);
  await first.stop();
  expect(spans("commit numbers")).toEqual([]);
  const second = await at.open(2, { tracer });
  const [record] = await second.ledger.read([batchKey(spec.batch)]);
  const [submitted] = spans("submit numbers");
  expect(record?.["trace"]).toBe(`00-${traceOf(submitted)}-${idOf(submitted)}-01`);
  await second.resume(spec.batch);
  await second.finished(spec.batch);
  expect(spans("commit numbers").map(traceOf)).toEqual([traceOf(submitted)]);
});

test("a batch that was submitted without traces has spans in traces of their own", async () => {
  const at = bench();
  const { spans, names } = collector();
  const job = at.write("numbers.ts", numbers(ITEMS));
  const first = await at.open();
  const spec = specFor(await first.load(job), { items: 2 });
  await first.submit(spec);
  await first.stop();
  expect(names()).toEqual([]);
  const second = await at.open(2, { tracer: await loadTracer(true, {}) });
  await second.resume(spec.batch);
  await second.finished(spec.batch);
  const [whole] = spans("batch numbers");
  expect(whole).toMatchObject({ links: [], attributes: { "fanjoin.batch.state": "succeeded" } });
  expect(whole?.parentSpanContext).toBeUndefined();
  expect(spans("merge numbers").flatMap(({ links }) => links)).toEqual([]);
});

test.each([
  ["a processor that throws", () => register(HOSTILE)],
  ["a collector that is not there", () => register(new SimpleSpanProcessor(UNREACHABLE))],
  ["a collector that cannot be flushed to", () => register(new BatchSpanProcessor(UNREACHABLE))],
])("%s fails no batch", async (_, broken) => {
  broken();
  const at = bench();
  const batch = await run(at, { tracing: true });
  const [record] = await (await at.open()).ledger.read([batchKey(batch)]);
  expect(record).toMatchObject({ state: "succeeded", totals: { succeeded: ITEMS } });
});

test("an SDK that is registered gets nothing while traces are off", async () => {
  const at = bench();
  const { names } = collector();
  const batch = await withinSpan("caller", () => run(at, { tracing: false }));
  expect(names()).toEqual(["caller"]);
  const engine = await at.open();
  const [record] = await engine.ledger.read([batchKey(batch)]);
  expect(record).not.toHaveProperty("trace");
});
