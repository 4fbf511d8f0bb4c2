/**
 * Joins the contributions of one job's chunks. It also plans batches whose items a generator of the job
 * makes, because that needs the job's code.
 */
import sqsPartialBatchFailure from "@middy/sqs-partial-batch-failure";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import * as module from "#job";
import type { Job } from "../src/job/job.ts";
import { coordinator } from "../src/steps/coordinator.ts";
import { isChunkMessage } from "../src/core/records/message.ts";
import { isWanted } from "../src/batch/end.ts";
import { join } from "../src/steps/join.ts";
import { createJobHost } from "./host/job-host.ts";
import { bundledJob } from "./host/bundled-job.ts";
import { lambda } from "./host/middleware.ts";
import type { Handle, Host } from "./host/middleware.ts";
import { eachRecord, messageIn, reportFailed } from "./events/sqs-records.ts";
import { countEnded } from "./host/telemetry.ts";

export function joinHandler(host: Host, job: Job): Handle<SQSEvent, PromiseSettledResult<void>[]> {
  const { ports, patienceMs } = host;
  const { runner, timeBudget } = createJobHost(host, job);
  const step = async (record: SQSRecord): Promise<void> => {
    const message = messageIn(record);
    if (isChunkMessage(message)) throw new TypeError(`a join received a message of kind ${message.kind}`);
    if (message.kind === "plan") {
      const { batch } = message;
      return timeBudget.during(
        () => isWanted(ports.ledger, batch),
        () => coordinator(ports, runner, message, { timeBudget, patienceMs }),
      );
    }
    const state = await join(ports, runner, message);
    if (state !== null) countEnded(host, state, message.node.batch);
  };
  return async (event, context) => {
    timeBudget.begin(ports.clock.now() + context.getRemainingTimeInMillis());
    return eachRecord(event, step);
  };
}

export const handler = lambda(
  "join",
  (host) => joinHandler(host, bundledJob(module, host.environment.job)),
  ({ log }) => [sqsPartialBatchFailure({ logger: reportFailed(log) })],
);
