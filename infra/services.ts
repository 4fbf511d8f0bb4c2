/**
 * The functions that a stack has once: their triggers and their permissions. None of them contains a job's
 * code.
 */
import { Duration, Stack } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { resourceName } from "../src/core/stack/resource-names.ts";
import type { StackResource } from "../src/core/stack/resource-names.ts";
import { createFunction } from "./resources/function.ts";
import type { FunctionSettings } from "./resources/function.ts";
import { wholeNumber } from "./resources/check-props.ts";
import { parseWork } from "./job-props.ts";
import type { WorkProps, WorkSettings } from "./job-props.ts";
import { mayWakeCoordinator, wake } from "./resources/queues.ts";
import type { SharedResources } from "./shared-resources.ts";

export interface ServiceProps {
  /** The size of the coordinator. Its `concurrency` is the number of batches that are planned at once. */
  readonly coordinator?: WorkProps | undefined;
  /**
   * The interval in minutes at which the sweeper checks deadlines, and completes transitions whose process
   * died: 1 by default.
   */
  readonly deadlineSweepMinutes?: number | undefined;
}

/**
 * The longest time that API Gateway waits for a response:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
const API_TIMEOUT = Duration.seconds(29);
export const DEAD_LETTER_TIMEOUT = Duration.minutes(1);
const SWEEPER_TIMEOUT = Duration.minutes(5);

/** The coordinator's size, with defaults. */
export function coordinatorSettings({ coordinator }: ServiceProps): WorkSettings {
  return parseWork("coordinator", coordinator ?? {}, { minutes: 15, concurrency: 20 });
}

/** The API: it starts, cancels and redrives batches, and signs URLs of uploads and results. */
export function createApiFunction(scope: Construct, shared: SharedResources): Function {
  const api = createService(scope, "Api", shared, {
    kind: "api",
    description: "Answers requests",
    memory: 1024,
    timeout: API_TIMEOUT,
  });
  shared.table.grant(api, "lists");
  shared.readable.grant(api);
  shared.bucket.grant(api, {
    // Outputs of a running batch, and the text of pulled chunks, are in the objects of attempts.
    read: ["uploads", "inputs", "attempts", "batches"],
    // Items from a request's body are stored in the batch's folder.
    write: ["uploads", "inputs", "batches"],
  });
  return api;
}

/** The coordinator: it plans batches, closes their trees, and makes reports. */
export function createCoordinator(
  scope: Construct,
  shared: SharedResources,
  settings: WorkSettings,
): Function {
  const coordinator = createService(scope, "Coordinator", shared, {
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
  // Reports name it in the command that repeats a batch.
  coordinator.addEnvironment("FANJOIN_STACK", Stack.of(scope).stackName);
  wake(coordinator, shared.coordinatorQueue, 1, settings.concurrency);
  return coordinator;
}

/** The dead-letter function: it handles messages that exhausted their receives. */
export function createDeadLetter(scope: Construct, shared: SharedResources): Function {
  const deadLetter = createService(scope, "DeadLetter", shared, {
    kind: "dead-letter",
    description: "Sends again, or gives up, what keeps dying",
    memory: 512,
    timeout: DEAD_LETTER_TIMEOUT,
    // Messages that it sends again may become dead letters again.
    selfTriggering: true,
  });
  shared.table.grant(deadLetter);
  shared.bucket.grant(deadLetter, { read: [], write: ["attempts"] });
  wake(deadLetter, shared.deadLetters, 10, 2);
  return deadLetter;
}

/**
 * The sweeper: it ends batches at their deadline, sends again what a dead process or a lost message left, and
 * removes the objects of removed batches.
 */
export function createSweeper(scope: Construct, shared: SharedResources, props: ServiceProps): Function {
  const minutes = wholeNumber(props.deadlineSweepMinutes, "deadlineSweepMinutes", [1, 60], 1);
  const sweeper = createService(scope, "Sweeper", shared, {
    kind: "sweeper",
    description: "Ends batches at their deadline, and finishes what was left unfinished",
    memory: 512,
    timeout: SWEEPER_TIMEOUT,
    asynchronous: { maxEventAge: Duration.minutes(minutes) },
  });
  shared.table.grant(sweeper, "lists");
  shared.bucket.grant(sweeper, { read: [], write: [] });
  shared.bucket.grantRemoval(sweeper);
  new Rule(scope, "Schedule", {
    description: `Wakes the sweeper of ${shared.deployment.name}`,
    schedule: Schedule.rate(Duration.minutes(minutes)),
    // No retries: the next run comes soon.
    targets: [new LambdaFunction(sweeper, { retryAttempts: 0, maxEventAge: Duration.minutes(minutes) })],
  });
  return sweeper;
}

type ServiceSettings = Omit<FunctionSettings, "name" | "code"> & { readonly kind: StackResource };

/** Creates a function that knows the stack's jobs and may send to the coordinator. */
function createService(
  scope: Construct,
  id: string,
  shared: SharedResources,
  { kind, ...settings }: ServiceSettings,
): Function {
  const service = createFunction(scope, id, shared.deployment, {
    ...settings,
    name: resourceName(shared.deployment.name, kind),
    code: kind,
    environment: { FANJOIN_JOBS: shared.jobs },
  });
  mayWakeCoordinator(service, shared.coordinatorQueue);
  return service;
}
