/**
 * Handles messages that exhausted their receives, and failed direct invocations. It sends each again or gives
 * it up, so that its batch ends.
 */
import sqsPartialBatchFailure from "@middy/sqs-partial-batch-failure";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { FanjoinError } from "../src/core/errors/errors.ts";
import { deadLetter } from "../src/steps/dead-letter.ts";
import { parseDeadLetter } from "./events/dead-letter-body.ts";
import { lambda } from "./host/middleware.ts";
import type { Handle, Host } from "./host/middleware.ts";
import { bodyOf, eachRecord, reportFailed } from "./events/sqs-records.ts";

export function deadLetterHandler(host: Host): Handle<SQSEvent, PromiseSettledResult<void>[]> {
  const { ports, log, count } = host;
  const step = async (record: SQSRecord): Promise<void> => {
    const { messageId, body } = record;
    const deliveries = parseDeadLetter(bodyOf(record), (message) =>
      log.error("message of a failed invocation is not a fanjoin message; discarding it", {
        messageId,
        message,
      }),
    );
    count("DeadLetters", Math.max(1, deliveries.length));
    if (deliveries.length === 0)
      log.error("dead letter is not a fanjoin message; discarding it", { messageId, body });
    for (const delivery of deliveries) {
      log.warn("message is a dead letter", { messageId, ...delivery.message });
      await deadLetter(ports, delivery).catch((error: unknown) => {
        if (!(error instanceof FanjoinError) || error.code !== "BATCH_UNKNOWN") throw error;
        log.warn("dead letter ignored: its batch no longer exists", { messageId });
      });
    }
  };
  return (event) => eachRecord(event, step);
}

export const handler = lambda("dead-letter", deadLetterHandler, ({ log }) => [
  sqsPartialBatchFailure({ logger: reportFailed(log) }),
]);
