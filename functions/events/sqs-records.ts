/** Parses the records of an SQS event, and reports those that failed. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { isChunkMessage } from "../../src/core/records/message.ts";
import { parseMessage } from "../../src/core/records/parse-message.ts";
import type { ChunkMessage, Message } from "../../src/core/records/message.ts";
import type { Logger } from "../../src/job/job.ts";
import { chunkDelivery } from "../../src/steps/bundle/delivery.ts";
import type { ChunkDelivery } from "../../src/steps/bundle/delivery.ts";

/** A chunk's delivery with the id of its SQS record. */
export interface SqsChunkDelivery extends ChunkDelivery {
  readonly id: string;
}

function deliveryOf({ messageId, attributes }: SQSRecord, message: ChunkMessage): SqsChunkDelivery {
  return { ...chunkDelivery(message, Number(attributes.ApproximateReceiveCount)), id: messageId };
}

/** The parsed body; `undefined` if it is not JSON. */
export function bodyOf({ body }: SQSRecord): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The message in a record. Throws if the body is not a message; the record then becomes a dead letter, where
 * it is logged.
 */
export function messageIn(record: SQSRecord): Message {
  const message = parseMessage(bodyOf(record));
  if (message) return message;
  throw new TypeError(
    `the body of ${record.messageId} is not a fanjoin message: ${record.body.slice(0, 200)}`,
  );
}

/**
 * The chunks in `records`, and the ids of the other records. Those can never succeed, and become dead
 * letters.
 */
export function chunksIn(
  records: readonly SQSRecord[],
  log: Logger,
): { readonly chunks: readonly SqsChunkDelivery[]; readonly unreadable: readonly string[] } {
  const chunks: SqsChunkDelivery[] = [];
  const unreadable: string[] = [];
  for (const record of records) {
    const message = parseMessage(bodyOf(record));
    if (message && isChunkMessage(message)) {
      chunks.push(deliveryOf(record, message));
      continue;
    }
    unreadable.push(record.messageId);
    log.error("message is not a chunk", { messageId: record.messageId, body: record.body });
  }
  return { chunks, unreadable };
}

/** The chunks of a direct invocation; each is received for the first time. */
export function directChunks(messages: readonly unknown[], log: Logger): readonly ChunkDelivery[] {
  return messages.flatMap((entry) => {
    const message = parseMessage(entry);
    if (message && isChunkMessage(message)) return [chunkDelivery(message, 1)];
    log.error("message is not a chunk; discarding it", { message: entry });
    return [];
  });
}

/** A response that makes SQS deliver the records `ids` again and delete the others. */
export function failuresOf(ids: readonly string[]): SQSBatchResponse {
  return { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** Handles the records one after the other. The middleware reports the rejected ones to SQS. */
export async function eachRecord(
  { Records }: SQSEvent,
  step: (record: SQSRecord) => Promise<void>,
): Promise<PromiseSettledResult<void>[]> {
  const results: PromiseSettledResult<void>[] = [];
  for (const record of Records) results.push(...(await Promise.allSettled([step(record)])));
  return results;
}

/** Logs which record failed, and why. */
export function reportFailed(log: Logger): (reason: unknown, record: SQSRecord) => void {
  return (error, { messageId, body, attributes }) => {
    const { ApproximateReceiveCount: receives } = attributes;
    log.error("message failed; it is delivered again", {
      messageId,
      receives,
      body,
      error,
    });
  };
}
