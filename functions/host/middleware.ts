/**
 * The stack that every function runs in: a step is given what it works with, says what it does, and its
 * errors are told before they reach Lambda.
 */
import middyfy from "@middy/core";
import type { MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import { readEnvironment } from "./environment.ts";
import { awsRuntime } from "./runtime.ts";
import type { Runtime } from "./runtime.ts";
import { createTelemetry } from "./telemetry.ts";
import type { Telemetry } from "./telemetry.ts";

export type FunctionName = "api" | "coordinator" | "worker" | "join" | "dead-letter" | "sweeper";

/** What a function works with. */
export interface Host extends Runtime, Telemetry {}

export type Handle<Event, Answer> = (
  event: Event,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<Answer>;

/**
 * A Lambda handler. It is composed when the module is loaded, because that time is not billed by the request
 * and has more processor; an environment in which it cannot be is what every invocation fails with, so that
 * the log says it, and tests can import functions. `use`: further middlewares, within the ones that all
 * functions have.
 */
export function lambda<Event, Answer>(
  name: FunctionName,
  compose: (host: Host) => Handle<Event, Answer>,
  use: (host: Telemetry) => readonly MiddlewareObj[] = () => [],
) {
  const stack = process.env["FANJOIN_NAME"] ?? "fanjoin";
  const telemetry = createTelemetry(name, stack, process.env["FANJOIN_JOB"] ?? null);
  const handle = composed(() => compose({ ...awsRuntime(readEnvironment()), ...telemetry }));
  return middyfy<Event, Answer>()
    .use([telemetry.middleware, ...use(telemetry)])
    .handler(async (event, context) => handle()(event, context));
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
