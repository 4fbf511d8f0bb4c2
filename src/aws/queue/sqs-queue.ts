/** The queue port on SQS. */
import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import type { BatchResultErrorEntry, SQSClient } from "@aws-sdk/client-sqs";
import { batchOf } from "../../core/records/message.ts";
import type { Message, QueueName } from "../../core/records/message.ts";
import type { Queue } from "../../ports.ts";
import { allConcurrently } from "../concurrently.ts";
import { groupsOf } from "./message-groups.ts";
import type { SizedMessage } from "./message-groups.ts";
import { fullJitter } from "../backoff.ts";
import type { Backoff } from "../backoff.ts";

export interface SqsQueueOptions {
  readonly client: Pick<SQSClient, "send">;
  /** Takes the batch because worker and join queues belong to the batch's job. */
  readonly urlOf: (queue: QueueName, batch: string) => string | Promise<string>;
  readonly backoff?: Backoff;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const CAPACITY = { messages: 10, bytes: 1024 * 1024, overhead: 0 };
/** The same page: the longest delay of one message. */
const MAX_DELAY_S = 900;
/** Concurrent requests: enough for a whole plan entry of 100 chunks. */
const SENDS_AT_ONCE = 10;
/**
 * After this many tries at the entries that SQS did not take, sending fails. When the caller sends again,
 * messages may arrive twice; that is harmless.
 */
const MAX_TRIES = 8;

export function createSqsQueue({ client, urlOf, backoff = fullJitter }: SqsQueueOptions): Queue {
  async function send(
    QueueUrl: string,
    group: readonly SizedMessage<Message>[],
    delayMs: number,
  ): Promise<void> {
    const delay = delayMs > 0 ? { DelaySeconds: Math.min(MAX_DELAY_S, Math.ceil(delayMs / 1000)) } : {};
    let left = group;
    for (let tries = 1; left.length > 0; tries++) {
      const Entries = left.map(({ message, body }, index) => ({
        Id: String(index),
        MessageBody: body,
        ...delay,
        ...groupIdOf(batchOf(message)),
      }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length === 0) return;
      if (tries >= MAX_TRIES || Failed.some(({ SenderFault }) => SenderFault))
        throw notSent(QueueUrl, Failed);
      const unsent = new Set(Failed.map(({ Id }) => Id));
      left = left.filter((_, index) => unsent.has(String(index)));
      await backoff(tries);
    }
  }

  return {
    async send(queue, messages, { delayMs = 0 } = {}) {
      for (const [batch, ofBatch] of Map.groupBy(messages, batchOf)) {
        const url = await urlOf(queue, batch);
        await allConcurrently(groupsOf(ofBatch, CAPACITY), SENDS_AT_ONCE, (group) =>
          send(url, group, delayMs),
        );
      }
    },
  };
}

/**
 * The group makes batches share a queue fairly:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html. It is left
 * out if the batch's id is not a valid group id.
 */
function groupIdOf(batch: string): { MessageGroupId?: string } {
  return /^[\x21-\x7e]{1,128}$/.test(batch) ? { MessageGroupId: batch } : {};
}

function notSent(url: string, failed: readonly BatchResultErrorEntry[]): Error {
  const [{ Code, Message } = {}] = failed;
  return new Error(`SQS did not take ${failed.length} messages for ${url}: ${Code}: ${Message}`);
}
