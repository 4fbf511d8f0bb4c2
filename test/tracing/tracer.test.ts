import * as api from "@opentelemetry/api";
import { expect, test } from "vitest";
import { createTracer } from "../../src/tracing/tracer.ts";
import type { Api } from "../../src/tracing/tracer.ts";
import { collector, HOSTILE, idOf, linksOf, traceOf, withinSpan } from "./collector.ts";

const OF = { name: "work", kind: "internal", attributes: {} } as const;
const SUBMITTED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const tracer = createTracer(() => Promise.resolve(api));
const invoked = createTracer(() => Promise.resolve(api), { isInvoked: true });

test("the error of work is thrown on, and is in its span", async () => {
  const { spans } = collector();
  const error = new TypeError("no such thing");
  await expect(tracer.span(OF, () => Promise.reject(error))).rejects.toBe(error);
  expect(spans("work")).toMatchObject([
    { status: { code: api.SpanStatusCode.ERROR }, events: [{ name: "exception" }] },
  ]);
});

test("the span is active while its work runs", async () => {
  const { spans } = collector();
  const inside = await tracer.span(OF, async () => {
    await Promise.resolve();
    return api.trace.getActiveSpan()?.spanContext().spanId;
  });
  expect(inside).toBe(idOf(spans("work")[0]));
});

test("work in a trace of its own is below the span of the invocation, if a platform invokes it", async () => {
  const { spans } = collector();
  const own = { link: SUBMITTED };
  await withinSpan("invocation", () => invoked.span({ ...OF, own }, async () => {}));
  await withinSpan("caller", () => tracer.span({ ...OF, own }, async () => {}));
  const [under, apart] = spans("work");
  expect(under?.parentSpanContext?.spanId).toBe(idOf(spans("invocation")[0]));
  expect(apart?.parentSpanContext).toBeUndefined();
  for (const span of [under, apart]) expect(linksOf(span)).toEqual(["b7ad6b7169203331"]);
});

test("work in the trace of a submission has a link to the invocation", async () => {
  const { spans } = collector();
  await withinSpan("invocation", () => invoked.span({ ...OF, parent: SUBMITTED }, async () => {}));
  const [span] = spans("work");
  expect(traceOf(span)).toBe("0af7651916cd43dd8448eb211c80319c");
  expect(linksOf(span)).toEqual([idOf(spans("invocation")[0])]);
});

test("a past span has the times that it is given, also from before this process began", async () => {
  const { spans } = collector();
  const past = { startedAt: 1_000_000, endedAt: 2_000_000 };
  await tracer.past({ ...OF, ...past }, [{ name: "part", attributes: {}, ...past }]);
  for (const name of ["work", "part"])
    expect(spans(name)).toMatchObject([{ startTime: [1000, 0], endTime: [2000, 0] }]);
  expect(spans("part")[0]?.parentSpanContext?.spanId).toBe(idOf(spans("work")[0]));
});

/** Counts how often the work is run, and that it is given a span on which nothing throws. */
async function runsOf(load: () => Promise<Api | null>): Promise<number> {
  let runs = 0;
  const broken = createTracer(load);
  const past = { startedAt: 0, endedAt: 1 };
  const answer = await broken.span(OF, async (span) => {
    runs++;
    span.set({ more: 1 });
    span.child({ name: "part", attributes: {}, ...past });
    return "done";
  });
  expect(answer).toBe("done");
  await broken.past({ ...OF, ...past }, []);
  await broken.flush();
  return runs;
}

const fails = (): never => {
  throw new Error("this part of the API fails");
};

test.each([
  ["no SDK is registered", async () => api],
  ["the API cannot be loaded", () => Promise.reject(new Error("Cannot find package"))],
  ["there is no API", async () => null],
  ["the context manager throws", async () => ({ ...api, context: { active: fails, with: fails } })],
  [
    "a context cannot be entered",
    async () => ({ ...api, context: { active: () => api.ROOT_CONTEXT, with: fails } }),
  ],
  ["there is no tracer", async () => ({ ...api, trace: { getTracer: fails, getTracerProvider: fails } })],
] as [string, () => Promise<Api | null>][])("work runs once though %s", async (_, load) => {
  expect(await runsOf(load)).toBe(1);
});

test("work runs once though each processor throws", async () => {
  collector(HOSTILE);
  expect(await runsOf(async () => api)).toBe(1);
});

test("a submission without an SDK has no traceparent to keep", async () => {
  expect(await tracer.span(OF, async ({ traceparent }) => traceparent)).toBeNull();
});
