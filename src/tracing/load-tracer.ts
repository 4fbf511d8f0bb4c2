/** When traces are on, and how `@opentelemetry/api` is loaded. It is an optional peer: most do without. */
import { usage } from "../core/errors/errors.ts";
import type { Tracer } from "../ports.ts";
import { createTracer } from "./tracer.ts";
import type { Api } from "./tracer.ts";

type Environment = { readonly [name: string]: string | undefined };

/** Variables of OpenTelemetry that say where traces go. */
const EXPORTS = ["OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/** Whether the environment asks for traces: https://opentelemetry.io/docs/specs/otel/configuration/ */
export function asksForTraces(env: Environment): boolean {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true" || env["OTEL_TRACES_EXPORTER"] === "none")
    return false;
  return EXPORTS.some((name) => (env[name] ?? "") !== "");
}

/**
 * The tracer of a process. `tracing`: the option; `undefined`: the environment decides, and where the package
 * is missing there are no traces, because nothing can be registered with it. `load` is for tests. Throws
 * `USAGE` if traces are asked for by the option, and the package is missing.
 */
export async function loadTracer(
  tracing: boolean | undefined,
  env: Environment,
  load: () => Promise<Api> = loadApi,
): Promise<Tracer | undefined> {
  if (!(tracing ?? asksForTraces(env))) return undefined;
  const api = await load().catch(() => null);
  const parent = env["TRACEPARENT"];
  if (api) return createTracer(() => Promise.resolve(api), { parent });
  if (tracing !== true) return undefined;
  throw usage(
    "open({ tracing: true }) needs the package @opentelemetry/api, which cannot be loaded: npm install @opentelemetry/api",
  );
}

/** The tracer of a function, which loads the API with its first span. */
export function functionTracer(env: Environment): Tracer | undefined {
  return asksForTraces(env) ? createTracer(loadApi, { isInvoked: true }) : undefined;
}

async function loadApi(): Promise<Api> {
  const { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = await import("./api.ts");
  return { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace };
}
