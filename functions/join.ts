/** Joins what the chunks of one job came to; and plans what a function of the job makes, because that is code of the job's, too. */
import sqsPartialBatchFailure from "@middy/sqs-partial-batch-failure";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import * as module from "#job";
import type { Job } from "../src/job.ts";
import { coordinator } from "../src/steps/coordinator.ts";
import { isWanted } from "../src/steps/ending.ts";
import { join } from "../src/steps/join.ts";
import { createJobHost } from "./job-host.ts";
import { bundledJob } from "./job.ts";
import { lambda } from "./middleware.ts";
import type { Handle, Host } from "./middleware.ts";
import { eachRecord, messageIn, reportFailed } from "./records.ts";
import { countEnded } from "./telemetry.ts";

export function joinHandler(host: Host, job: Job): Handle<SQSEvent, PromiseSettledResult<void>[]> {
  const { ports, patienceMs } = host;
  const { runner, shift } = createJobHost(host, job);
  const step = async (record: SQSRecord): Promise<void> => {
    const message = messageIn(record);
    if (message.kind === "chunk") throw new TypeError("a chunk is no work for a join");
    if (message.kind === "plan") {
      const { batch } = message;
      return shift.during(
        () => isWanted(ports.ledger, batch),
        () => coordinator(ports, runner, message, { shift, patienceMs }),
      );
    }
    const state = await join(ports, runner, message);
    if (state !== null) countEnded(host, state, message.node.batch);
  };
  return async (event, context) => {
    shift.begin(ports.clock.now() + context.getRemainingTimeInMillis());
    return eachRecord(event, step);
  };
}

export const handler = lambda(
  "join",
  (host) => joinHandler(host, bundledJob(module, host.environment.job)),
  ({ log }) => [sqsPartialBatchFailure({ logger: reportFailed(log) })],
);
