/** What the tracer uses of the OpenTelemetry API: a bundle has no more of it. */
export { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
