/**
 * The tracer by `@opentelemetry/api`. It records with what the user's process has registered; fanjoin brings
 * no SDK and no exporter.
 */
import type * as Otel from "@opentelemetry/api";
import { formatTraceparent, parseTraceparent } from "../core/traceparent.ts";
import { VERSION } from "../core/version.ts";
import type { PastSpan, TraceSpan, SpanAttributes, SpanOf, Tracer } from "../ports.ts";

export type Api = Pick<typeof Otel, "context" | "trace" | "ROOT_CONTEXT" | "SpanKind" | "SpanStatusCode">;

export interface TracerOptions {
  /**
   * The process is a function that a platform invokes: the invocation's span, if there is one, is in a trace
   * of its own. Else the active span is of whoever submitted a batch, and work on chunks is not below it.
   */
  readonly isInvoked?: boolean;
  /** The `traceparent` above submissions that no span is active for. */
  readonly parent?: string | undefined;
}

/** An export that takes longer is left alone. */
const FLUSH_MS = 2000;

const NO_SPAN: TraceSpan = { traceparent: null, set: () => {}, child: () => {} };

/** `load` brings the API when the first span is made; `null` if there is none. */
export function createTracer(load: () => Promise<Api | null>, options: TracerOptions = {}): Tracer {
  let loading: Promise<Api | null> | null = null;
  const loaded = (): Promise<Api | null> => (loading ??= load().catch(() => null));
  return {
    async span(of, work) {
      const api = await loaded();
      const begun = api && attempt(() => begin(api, of, options));
      return api && begun ? inside(api, begun, work) : work(NO_SPAN);
    },
    async past(of, children) {
      const api = await loaded();
      const begun = api && attempt(() => begin(api, of, options, of.startedAt));
      if (!api || !begun) return;
      const span = spanOn(api, begun);
      for (const child of children) span.child(child);
      attempt(() => begun.span.end(new Date(of.endedAt)));
    },
    async flush() {
      const api = await loaded();
      const flushing = api && attempt(() => flushed(api));
      if (flushing) await within(FLUSH_MS, flushing);
    },
  };
}

interface Begun {
  readonly span: Otel.Span;
  readonly context: Otel.Context;
}

function begin(api: Api, of: SpanOf, options: TracerOptions, startedAt?: number): Begun {
  const { trace, SpanKind } = api;
  const kind = { producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL };
  const parent = parentOf(api, of, options);
  const span = tracerOf(api).startSpan(
    of.name,
    {
      kind: kind[of.kind],
      attributes: { ...of.attributes },
      links: linksOf(api, of, parent),
      // A number might be taken for one of `performance.now()`.
      ...(startedAt === undefined ? {} : { startTime: new Date(startedAt) }),
    },
    parent,
  );
  return { span, context: trace.setSpan(parent, span) };
}

function parentOf({ context, trace, ROOT_CONTEXT }: Api, of: SpanOf, options: TracerOptions): Otel.Context {
  const active = context.active();
  const isActive = trace.getSpanContext(active) !== undefined;
  const given = of.parent ?? (of.own === undefined && !isActive ? options.parent : undefined);
  const parent = parseTraceparent(given);
  if (parent) return trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
  return of.own === undefined || options.isInvoked === true ? active : ROOT_CONTEXT;
}

/** To the span that led to this one; and to the active one, e.g. of the invocation, if it is elsewhere. */
function linksOf({ context, trace }: Api, of: SpanOf, parent: Otel.Context): Otel.Link[] {
  const active = trace.getSpanContext(context.active());
  const isElsewhere = active && active.traceId !== trace.getSpanContext(parent)?.traceId;
  const link = parseTraceparent(of.own?.link);
  return [
    ...(link ? [{ context: { ...link, isRemote: true } }] : []),
    ...(of.parent !== undefined && isElsewhere ? [{ context: active }] : []),
  ];
}

function tracerOf({ trace }: Api): Otel.Tracer {
  return trace.getTracer("fanjoin", VERSION);
}

/** Runs the work exactly once, also if the context manager fails. */
async function inside<T>(api: Api, begun: Begun, work: (span: TraceSpan) => Promise<T>): Promise<T> {
  const { span, context } = begun;
  const handle = spanOn(api, begun);
  const running: Promise<T>[] = [];
  // An error of the work itself is not one of the context manager.
  const run = (): void => void running.push((async () => work(handle))());
  attempt(() => api.context.with(context, run));
  if (running.length === 0) run();
  try {
    const [result] = await Promise.all(running);
    return result as T;
  } catch (error) {
    attempt(() => span.recordException(error instanceof Error ? error : String(error)));
    attempt(() => span.setStatus({ code: api.SpanStatusCode.ERROR }));
    throw error;
  } finally {
    attempt(() => span.end());
  }
}

function spanOn(api: Api, { span, context }: Begun): TraceSpan {
  const own = attempt(() => span.spanContext());
  const isValid = own !== null && attempt(() => api.trace.isSpanContextValid(own)) === true;
  return {
    traceparent: isValid ? formatTraceparent(own) : null,
    set: (attributes: SpanAttributes) => void attempt(() => span.setAttributes({ ...attributes })),
    child({ name, attributes, startedAt, endedAt }: PastSpan) {
      attempt(() => {
        if (!span.isRecording()) return;
        const startTime = new Date(startedAt);
        const child = tracerOf(api).startSpan(name, { startTime, attributes: { ...attributes } }, context);
        child.end(new Date(endedAt));
      });
    },
  };
}

/** A provider of an SDK can flush; the API does not say so. */
async function flushed({ trace }: Api): Promise<void> {
  const proxy = trace.getTracerProvider() as { getDelegate?(): unknown };
  const provider = (proxy.getDelegate?.() ?? proxy) as { forceFlush?(): Promise<void> };
  await provider.forceFlush?.();
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work.catch(() => undefined), promise]);
  clearTimeout(timer);
}

/** Traces never fail a batch: `null` if the API, or what is registered with it, throws. */
function attempt<T>(call: () => T): T | null {
  try {
    return call();
  } catch {
    return null;
  }
}
