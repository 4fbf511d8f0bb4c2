/**
 * The functions that there is one of in a stack: what wakes each, and what each may do. None holds a job's
 * code.
 */
import { Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { resourceName } from "../src/core/resource-names.ts";
import type { StackResource } from "../src/core/resource-names.ts";
import { createFunction } from "./resources/function.ts";
import type { FunctionSettings } from "./resources/function.ts";
import { wholeNumber } from "./resources/check-props.ts";
import { parseWork } from "./job-props.ts";
import type { WorkProps, WorkSettings } from "./job-props.ts";
import { mayWakeCoordinator, wake } from "./resources/queues.ts";
import type { Shared } from "./shared.ts";

export interface ServiceProps {
  /** Size of the coordinator: `concurrency` is how many batches are planned at once. */
  readonly coordinator?: WorkProps | undefined;
  /**
   * How often deadlines are looked at, and transitions that somebody did not live to finish: every minute by
   * default.
   */
  readonly deadlineSweepMinutes?: number | undefined;
}

/**
 * The API answers within this time or not at all:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
const API_TIMEOUT = Duration.seconds(29);
export const DEAD_LETTER_TIMEOUT = Duration.minutes(1);
const SWEEPER_TIMEOUT = Duration.minutes(5);

export function coordinatorSettings({ coordinator }: ServiceProps): WorkSettings {
  return parseWork("coordinator", coordinator ?? {}, { minutes: 15, concurrency: 20 });
}

/** Answers requests: makes batches and asks for their end, and signs addresses of uploads and results. */
export function createApiFunction(scope: Construct, shared: Shared): Function {
  const api = service(scope, "Api", shared, {
    kind: "api",
    description: "Answers requests",
    memory: 1024,
    timeout: API_TIMEOUT,
  });
  shared.table.grant(api, "lists");
  shared.readable.grant(api);
  shared.bucket.grant(api, {
    read: ["uploads", "inputs", "batches"],
    // Items that came with a request are kept with their batch.
    write: ["uploads", "inputs", "batches"],
  });
  return api;
}

/** Plans batches and brings them to their end. */
export function createCoordinator(scope: Construct, shared: Shared, settings: WorkSettings): Function {
  const coordinator = service(scope, "Coordinator", shared, {
    kind: "coordinator",
    description: "Plans batches and brings them to their end",
    memory: settings.memory,
    timeout: settings.timeout,
    selfTriggering: true,
  });
  shared.table.grant(coordinator);
  shared.readable.grant(coordinator);
  shared.bucket.grant(coordinator, {
    read: ["uploads", "inputs", "attempts", "batches"],
    write: ["attempts", "batches"],
  });
  wake(coordinator, shared.coordinatorQueue, 1, settings.concurrency);
  return coordinator;
}

/** Takes what exhausted its receives. */
export function createDeadLetter(scope: Construct, shared: Shared): Function {
  const deadLetter = service(scope, "DeadLetter", shared, {
    kind: "dead-letter",
    description: "Sends again, or gives up, what keeps dying",
    memory: 512,
    timeout: DEAD_LETTER_TIMEOUT,
    // What it sends again may come back to it.
    selfTriggering: true,
  });
  shared.table.grant(deadLetter);
  shared.bucket.grant(deadLetter, { read: [], write: ["attempts"] });
  wake(deadLetter, shared.deadLetters, 10, 2);
  return deadLetter;
}

/** Looks after batches whose time is up, or that somebody left in the middle of something. */
export function createSweeper(scope: Construct, shared: Shared, props: ServiceProps): Function {
  const minutes = wholeNumber(props.deadlineSweepMinutes, "deadlineSweepMinutes", [1, 60], 1);
  const sweeper = service(scope, "Sweeper", shared, {
    kind: "sweeper",
    description: "Ends batches at their deadline, and finishes what was left unfinished",
    memory: 512,
    timeout: SWEEPER_TIMEOUT,
    asynchronous: { maxEventAge: Duration.minutes(minutes) },
  });
  shared.table.grant(sweeper, "lists");
  shared.bucket.grant(sweeper, { read: [], write: [] });
  new Rule(scope, "Schedule", {
    description: `Wakes the sweeper of ${shared.deployment.name}`,
    schedule: Schedule.rate(Duration.minutes(minutes)),
    // The next time comes anyway.
    targets: [new LambdaFunction(sweeper, { retryAttempts: 0, maxEventAge: Duration.minutes(minutes) })],
  });
  return sweeper;
}

type ServiceSettings = Omit<FunctionSettings, "name" | "code"> & { readonly kind: StackResource };

function service(
  scope: Construct,
  id: string,
  shared: Shared,
  { kind, ...settings }: ServiceSettings,
): Function {
  const made = createFunction(scope, id, shared.deployment, {
    ...settings,
    name: resourceName(shared.deployment.name, kind),
    code: kind,
    environment: { FANJOIN_JOBS: shared.jobs },
  });
  mayWakeCoordinator(made, shared.coordinatorQueue);
  return made;
}
