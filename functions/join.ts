/**
 * Joins the contributions of one job's chunks, and tells of the end of its batches. It also plans batches
 * whose items a generator of the job makes, because that needs the job's code.
 */
import sqsPartialBatchFailure from "@middy/sqs-partial-batch-failure";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import * as module from "#job";
import type { Job } from "../src/job/job.ts";
import { eventBus } from "../src/aws/put-event.ts";
import type { JsonObject } from "../src/core/json/json.ts";
import { coordinator } from "../src/steps/coordinator.ts";
import { isChunkMessage } from "../src/core/records/message.ts";
import { isWanted } from "../src/batch/steering/end.ts";
import { join } from "../src/steps/join.ts";
import { lookForStragglers } from "../src/steps/hedging/look-for-stragglers.ts";
import { reportChannel } from "../src/steps/telling/report-channel.ts";
import { sendNews, sendNextRound } from "../src/steps/telling/send-news.ts";
import { tell } from "../src/steps/telling/tell.ts";
import type { Channel } from "../src/news.ts";
import { webhookChannels } from "../src/webhooks/webhook-channels.ts";
import { createJobHost } from "./host/job-host.ts";
import { bundledJob } from "./host/bundled-job.ts";
import { lambda } from "./host/middleware.ts";
import type { Handle, Host } from "./host/middleware.ts";
import { eachRecord, messageIn, reportFailed } from "./events/sqs-records.ts";
import { countEnded } from "./host/telemetry.ts";

/** Puts the event of the end of a batch on the event bus. Only the bundle of this function has a client. */
export interface JoinHost extends Host {
  readonly putEvent: (detail: JsonObject) => Promise<void>;
}

export function joinHandler(host: JoinHost, job: Job): Handle<SQSEvent, PromiseSettledResult<void>[]> {
  const { ports, patienceMs, environment, log, putEvent } = host;
  const { runner, timeBudget } = createJobHost(host, job);
  const event: Channel = {
    id: "event",
    shown: "the event bus",
    tell: async ({ data }) => (await putEvent(data), "told"),
  };
  const tellEnd = async (batch: string): Promise<void> => {
    const webhooks = webhookChannels(job.options.onEnd, { env: process.env, now: () => ports.clock.now() });
    const channels = [event, reportChannel(ports, batch), ...webhooks];
    const more = { stack: environment.name };
    const left = await tell(ports, { batch, channels, more, log });
    if (left !== null) await sendNextRound(ports, batch, left);
  };
  const step = async (record: SQSRecord): Promise<void> => {
    const message = messageIn(record);
    if (isChunkMessage(message) || message.kind === "tick" || message.kind === "report")
      throw new TypeError(`a join received a message of kind ${message.kind}`);
    if (message.kind === "plan") {
      const { batch } = message;
      return timeBudget.during(
        () => isWanted(ports.ledger, batch),
        () => coordinator(ports, runner, message, { timeBudget, patienceMs }),
      );
    }
    if (message.kind === "news") return tellEnd(message.batch);
    if (message.kind === "stragglers") return lookForStragglers(ports, message);
    const state = await join(ports, runner, message);
    if (state === null) return;
    const { batch } = message.node;
    countEnded(host, state, batch);
    await sendNews(ports, batch);
  };
  return async (event, context) => {
    timeBudget.begin(ports.clock.now() + context.getRemainingTimeInMillis());
    host.meter.begin({ polled: true });
    return eachRecord(event, step);
  };
}

export const handler = lambda(
  "join",
  (host) => joinHandler({ ...host, putEvent: eventBus() }, bundledJob(module, host.environment.job)),
  ({ log }) => [sqsPartialBatchFailure({ logger: reportFailed(log) })],
);
