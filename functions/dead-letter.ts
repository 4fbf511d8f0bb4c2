/**
 * Takes what exhausted its receives, and direct invocations that failed: sends it again, or gives it up, so
 * that its batch ends.
 */
import sqsPartialBatchFailure from "@middy/sqs-partial-batch-failure";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { FanjoinError } from "../src/core/errors.ts";
import { deadLetter } from "../src/steps/dead-letter.ts";
import { parseDeadLetter } from "./events/dead-letter-body.ts";
import { lambda } from "./host/middleware.ts";
import type { Handle, Host } from "./host/middleware.ts";
import { bodyOf, eachRecord, reportFailed } from "./events/sqs-records.ts";

export function deadLetterHandler(host: Host): Handle<SQSEvent, PromiseSettledResult<void>[]> {
  const { ports, log, count } = host;
  const step = async (record: SQSRecord): Promise<void> => {
    const { messageId, body } = record;
    const deliveries = parseDeadLetter(bodyOf(record));
    count("DeadLetters", Math.max(1, deliveries.length));
    // Nobody can do anything with it but read it here.
    if (deliveries.length === 0) log.error("a dead letter is no message of fanjoin's", { messageId, body });
    for (const delivery of deliveries) {
      log.warn("a message is a dead letter", { messageId, ...delivery.message });
      await deadLetter(ports, delivery).catch((error: unknown) => {
        if (!(error instanceof FanjoinError) || error.code !== "BATCH_UNKNOWN") throw error;
        log.warn("its batch is there no longer", { messageId });
      });
    }
  };
  return (event) => eachRecord(event, step);
}

export const handler = lambda("dead-letter", deadLetterHandler, ({ log }) => [
  sqsPartialBatchFailure({ logger: reportFailed(log) }),
]);
