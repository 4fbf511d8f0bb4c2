/**
 * The middleware stack of every function. It composes the function's host, adds logs and metrics, and logs
 * errors before they reach Lambda.
 */
import middyfy from "@middy/core";
import type { MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import { withLeafHistory } from "../../src/steps/leaf-history.ts";
import { functionTracer } from "../../src/tracing/load-tracer.ts";
import { readEnvironment } from "./environment.ts";
import { awsRuntime } from "./runtime.ts";
import type { Runtime } from "./runtime.ts";
import { createTelemetry } from "./telemetry.ts";
import type { Telemetry } from "./telemetry.ts";

export type FunctionName = "api" | "coordinator" | "worker" | "join" | "dead-letter" | "sweeper";

/** The ports, the settings and the telemetry of a function. */
export interface Host extends Runtime, Telemetry {}

export type Handle<Event, Answer> = (
  event: Event,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<Answer>;

/**
 * Makes a Lambda handler. It is composed when the module is loaded, because Lambda gives initialisation more
 * processor time than an invocation. If composing fails, every invocation fails with that error, so that the
 * log shows it and tests can still import the function. `use` adds middlewares inside those of all functions.
 */
export function lambda<Event, Answer>(
  name: FunctionName,
  compose: (host: Host) => Handle<Event, Answer>,
  use: (host: Telemetry) => readonly MiddlewareObj[] = () => [],
) {
  const stack = process.env["FANJOIN_NAME"] ?? "fanjoin";
  const telemetry = createTelemetry(name, stack, process.env["FANJOIN_JOB"] ?? null);
  const tracer = functionTracer(process.env);
  const handle = composed(() => compose(hostOf(awsRuntime(readEnvironment(), tracer), telemetry)));
  return (
    middyfy<Event, Answer>()
      .use([telemetry.middleware, ...use(telemetry)])
      // What is not exported now would wait for the next invocation, which may never be.
      .handler(async (event, context) => {
        try {
          return await handle()(event, context);
        } finally {
          await tracer?.flush();
        }
      })
  );
}

/** Whatever settles a leaf adds it to the history of its batch. */
function hostOf(runtime: Runtime, telemetry: Telemetry): Host {
  const warn = (error: unknown): void => telemetry.log.warn("a part of a history is lost", { error });
  return { ...runtime, ...telemetry, ports: withLeafHistory(runtime.ports, warn) };
}

function composed<T>(compose: () => T): () => T {
  try {
    const made = compose();
    return () => made;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
