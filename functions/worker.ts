/**
 * Runs chunks of one job, from SQS or from a direct invocation. It also describes the job to functions that
 * do not have its code.
 */
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as module from "#job";
import type { Job } from "../src/job/job.ts";
import { answerDescribe } from "../src/job/describe-job.ts";
import type { DescribeAnswer, DescribeRequest } from "../src/job/describe-job.ts";
import { sendOnFailed } from "../src/steps/dead-letter.ts";
import { createJobHost } from "./host/job-host.ts";
import { bundledJob } from "./host/bundled-job.ts";
import { lambda } from "./host/middleware.ts";
import type { Handle, Host } from "./host/middleware.ts";
import { chunksIn, directChunks, failuresOf } from "./events/sqs-records.ts";

type WorkerEvent =
  | SQSEvent
  | { readonly describe: DescribeRequest }
  | { readonly messages: readonly unknown[] };

export function workerHandler(
  host: Host,
  job: Job,
): Handle<WorkerEvent, SQSBatchResponse | DescribeAnswer | null> {
  const { timeBudget, ...machine } = createJobHost(host, job);
  return async (event, context) => {
    if ("describe" in event) return answerDescribe(job, event.describe, host.environment.code);
    timeBudget.begin(host.ports.clock.now() + context.getRemainingTimeInMillis());
    host.meter.begin({ polled: "Records" in event });
    if ("Records" in event) {
      const { chunks, unreadable } = chunksIn(event.Records, host.log);
      const { failed, busy } = await machine.work(chunks);
      return failuresOf([...unreadable, ...[...failed, ...busy].map(({ id }) => id)]);
    }
    // A direct invocation has no redelivery. Busy chunks are running in another invocation.
    const { failed } = await machine.work(directChunks(event.messages, host.log));
    await sendOnFailed(host.ports, failed);
    return null;
  };
}

export const handler = lambda("worker", (host) =>
  workerHandler(host, bundledJob(module, host.environment.job)),
);
