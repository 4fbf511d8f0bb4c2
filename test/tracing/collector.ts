/** A collector of spans in memory, registered with the OpenTelemetry API until the end of a test. */
import * as api from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { ReadableSpan, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { onTestFinished } from "vitest";

export interface Collector {
  /** Those that have ended, by name. */
  readonly spans: (name: string) => readonly ReadableSpan[];
  readonly names: () => readonly string[];
}

/** `more`: further processors, e.g. ones that fail. */
export function collector(...more: readonly SpanProcessor[]): Collector {
  const exporter = new InMemorySpanExporter();
  const manager = new AsyncLocalStorageContextManager().enable();
  register(new SimpleSpanProcessor(exporter), ...more);
  api.context.setGlobalContextManager(manager);
  onTestFinished(() => api.context.disable());
  return {
    spans: (name) => exporter.getFinishedSpans().filter((span) => span.name === name),
    names: () => [...new Set(exporter.getFinishedSpans().map(({ name }) => name))].toSorted(),
  };
}

export function register(...spanProcessors: SpanProcessor[]): void {
  api.trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
  onTestFinished(() => api.trace.disable());
}

/** Each of its parts throws. */
export const HOSTILE: SpanProcessor = {
  onStart: () => {
    throw new Error("the processor fails at the start of a span");
  },
  onEnd: () => {
    throw new Error("the processor fails at the end of a span");
  },
  forceFlush: () => Promise.reject(new Error("the processor cannot flush")),
  shutdown: () => Promise.resolve(),
};

/** Its collector is never there. */
export const UNREACHABLE: SpanExporter = {
  export: (_spans, done) => done({ code: 1, error: new Error("connect ECONNREFUSED 127.0.0.1:4318") }),
  forceFlush: () => Promise.reject(new Error("connect ECONNREFUSED 127.0.0.1:4318")),
  shutdown: () => Promise.resolve(),
};

/** The span that submits within a span of the test's own, and that one. */
export async function withinSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  return api.trace.getTracer("test").startActiveSpan(name, async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}

export const traceOf = (span: ReadableSpan | undefined): string | undefined => span?.spanContext().traceId;
export const idOf = (span: ReadableSpan | undefined): string | undefined => span?.spanContext().spanId;
export const linksOf = (span: ReadableSpan | undefined): readonly string[] =>
  (span?.links ?? []).map(({ context }) => context.spanId);
