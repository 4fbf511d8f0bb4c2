/** Messages as SQS brings them to a function. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { parseMessage } from "../../src/core/records/message.ts";
import type { ChunkMessage, Message } from "../../src/core/records/message.ts";
import type { Logger } from "../../src/job/job.ts";
import type { Delivery } from "../../src/steps/delivery.ts";

/** A message and the record that it came in. */
export interface Received<M> extends Delivery<M> {
  readonly id: string;
}

function receivedAs<M>({ messageId, attributes }: SQSRecord, message: M): Received<M> {
  return { message, id: messageId, receives: Number(attributes.ApproximateReceiveCount) };
}

/** A body as JSON; `undefined` if it is none. */
export function bodyOf({ body }: SQSRecord): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

/** Throws for a body that is no message: it goes to the dead letters, where it is logged. */
export function messageIn(record: SQSRecord): Message {
  const message = parseMessage(bodyOf(record));
  if (message) return message;
  throw new TypeError(
    `the body of ${record.messageId} is no message of fanjoin's: ${record.body.slice(0, 200)}`,
  );
}

/**
 * The chunks in `records`, and the ids of those records that are none: they can never succeed, and end among
 * the dead letters.
 */
export function chunksIn(
  records: readonly SQSRecord[],
  log: Logger,
): { readonly chunks: readonly Received<ChunkMessage>[]; readonly unreadable: readonly string[] } {
  const chunks: Received<ChunkMessage>[] = [];
  const unreadable: string[] = [];
  for (const record of records) {
    const message = parseMessage(bodyOf(record));
    if (message?.kind === "chunk") {
      chunks.push(receivedAs(record, message));
      continue;
    }
    unreadable.push(record.messageId);
    log.error("a message is no chunk", { messageId: record.messageId, body: record.body });
  }
  return { chunks, unreadable };
}

/** The chunks of a direct invocation, each delivered for the first time. */
export function directChunks(messages: readonly unknown[], log: Logger): readonly Delivery<ChunkMessage>[] {
  return messages.flatMap((one) => {
    const message = parseMessage(one);
    if (message?.kind === "chunk") return [{ message, receives: 1 }];
    log.error("a message is no chunk, and is dropped", { message: one });
    return [];
  });
}

/** The records of these are delivered again, the others are done. */
export function failuresOf(ids: readonly string[]): SQSBatchResponse {
  return { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** One record after the other; what each came to is for the middleware that reports those that failed. */
export async function eachRecord(
  { Records }: SQSEvent,
  step: (record: SQSRecord) => Promise<void>,
): Promise<PromiseSettledResult<void>[]> {
  const results: PromiseSettledResult<void>[] = [];
  for (const record of Records) results.push(...(await Promise.allSettled([step(record)])));
  return results;
}

/** Says which record failed, and why. */
export function reportFailed(log: Logger): (reason: unknown, record: SQSRecord) => void {
  return (error, { messageId, body, attributes }) => {
    const { ApproximateReceiveCount: receives } = attributes;
    log.error("a message could not be dealt with; it is delivered again", {
      messageId,
      receives,
      body,
      error,
    });
  };
}
