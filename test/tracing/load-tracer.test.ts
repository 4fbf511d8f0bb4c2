import * as api from "@opentelemetry/api";
import { expect, test } from "vitest";
import { asksForTraces, functionTracer, loadTracer } from "../../src/tracing/load-tracer.ts";
import { collector, traceOf } from "./collector.ts";

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };

test.each([
  [{}, false],
  [{ OTEL_SERVICE_NAME: "shop" }, false],
  [ENDPOINT, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }, false],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:4318/v1/traces" }, true],
  [{ OTEL_TRACES_EXPORTER: "otlp" }, true],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: "none" }, false],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: "true" }, false],
])("the environment %j asks for traces: %s", async (env, asks) => {
  expect(asksForTraces(env)).toBe(asks);
  expect((await loadTracer(undefined, env)) !== undefined).toBe(asks);
  expect(functionTracer(env) !== undefined).toBe(asks);
});

test("the package is not loaded while traces are off", async () => {
  let loads = 0;
  const load = async (): Promise<typeof api> => (loads++, api);
  expect(await loadTracer(undefined, {}, load)).toBeUndefined();
  expect(await loadTracer(false, ENDPOINT, load)).toBeUndefined();
  expect(loads).toBe(0);
  expect(await loadTracer(true, {}, load)).toBeDefined();
  expect(loads).toBe(1);
});

test("a missing package is an error if the option asks for traces, and no traces if the environment does", async () => {
  const missing = (): Promise<never> => Promise.reject(new Error("Cannot find package '@opentelemetry/api'"));
  await expect(loadTracer(true, {}, missing)).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("npm install @opentelemetry/api") as string,
  });
  expect(await loadTracer(undefined, ENDPOINT, missing)).toBeUndefined();
});

test("TRACEPARENT is above submissions for which no span is active, and above no other work", async () => {
  const { spans } = collector();
  const trace = "0af7651916cd43dd8448eb211c80319c";
  const tracer = await loadTracer(true, { TRACEPARENT: `00-${trace}-b7ad6b7169203331-01` });
  const of = { kind: "internal", attributes: {} } as const;
  await tracer?.span({ ...of, name: "submitted" }, async () => {});
  await tracer?.span({ ...of, name: "apart", own: { link: undefined } }, async () => {});
  expect(traceOf(spans("submitted")[0])).toBe(trace);
  expect(traceOf(spans("apart")[0])).not.toBe(trace);
});
