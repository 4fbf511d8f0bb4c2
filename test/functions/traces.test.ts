/** Traces of the functions, with a collector in memory. */
import * as api from "@opentelemetry/api";
import { SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { expect, test } from "vitest";
import { createTracer } from "../../src/tracing/tracer.ts";
import { countingJob } from "../steps/jobs.ts";
import {
  HOSTILE,
  UNREACHABLE,
  collector,
  idOf,
  linksOf,
  register,
  traceOf,
  withinSpan,
} from "../tracing/collector.ts";
import { memoryStack } from "./stack/stack.ts";
import { integers } from "./stack/inputs.ts";

const tracer = createTracer(() => Promise.resolve(api), { isInvoked: true });

test.each([false, true])(
  "a batch's functions go on in the trace of its submission, or link to it (by direct invocation: %s)",
  async (direct) => {
    const { spans, names } = collector();
    const stack = memoryStack([countingJob(300)], { direct, tracer });
    await withinSpan("caller", () => stack.submit(integers(300), { chunk: { items: 2, bytes: null } }));
    await stack.pump();
    expect(stack.batch()).toMatchObject({ state: "succeeded" });
    const steps = ["batch", "commit", "merge", "plan", "process", "submit"];
    expect(names()).toEqual([...steps.map((name) => `${name} counting`), "caller", "chunk"].toSorted());
    const [submitted] = spans("submit counting");
    expect(traceOf(submitted)).toBe(traceOf(spans("caller")[0]));
    expect(stack.batch()["trace"]).toBe(`00-${traceOf(submitted)}-${idOf(submitted)}-01`);
    for (const name of ["plan counting", "batch counting", "commit counting"])
      for (const span of spans(name)) expect(traceOf(span)).toBe(traceOf(submitted));
    expect(spans("commit counting")).toHaveLength(1);
    for (const span of [...spans("process counting"), ...spans("merge counting")]) {
      expect(traceOf(span)).not.toBe(traceOf(submitted));
      expect(linksOf(span)).toEqual([idOf(submitted)]);
    }
    expect(spans("chunk")).toHaveLength(150);
  },
);

test("code of a job that runs in a function is within the span of its bundle", async () => {
  const { spans } = collector();
  const seen = new Set<string | undefined>();
  const job = countingJob(20, (n) => {
    seen.add(api.trace.getActiveSpan()?.spanContext().spanId);
    return n;
  });
  const stack = memoryStack([job], { tracer });
  await stack.submit(integers(20), { chunk: { items: 2, bytes: null } });
  await stack.pump();
  expect(seen).toEqual(new Set(spans("process counting").map(idOf)));
});

test.each([
  ["a processor that throws", () => register(HOSTILE)],
  ["a collector that is not there", () => register(new SimpleSpanProcessor(UNREACHABLE))],
])("%s fails no batch", async (_, broken) => {
  broken();
  const stack = memoryStack([countingJob(300)], { tracer });
  await stack.submit(integers(300), { chunk: { items: 2, bytes: null } });
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 300 } });
  expect(stack.lines.filter(({ level }) => level !== "info")).toEqual([]);
});
