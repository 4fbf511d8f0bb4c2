/** Queues on SQS. */
import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import type { BatchResultErrorEntry, SQSClient } from "@aws-sdk/client-sqs";
import { batchOf } from "../../core/records/message.ts";
import type { Message, QueueName } from "../../core/records/message.ts";
import type { Queue } from "../../ports.ts";
import { allOf } from "../concurrently.ts";
import { groupsOf } from "./message-groups.ts";
import type { Carried } from "./message-groups.ts";
import { pause as fullJitter } from "../backoff.ts";
import type { Pause } from "../backoff.ts";

export interface SqsQueueOptions {
  readonly client: Pick<SQSClient, "send">;
  /** Worker and join queues belong to a job, which only the batch knows. */
  readonly urlOf: (queue: QueueName, batch: string) => string | Promise<string>;
  readonly pause?: Pause;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const CAPACITY = { messages: 10, bytes: 1024 * 1024, overhead: 0 };
/** Requests under way together: a whole plan entry of 100 chunks. */
const SENDS_AT_ONCE = 10;
/**
 * Tries at the entries that SQS did not take, after which the sender is told; what it sends again then may
 * arrive twice, which changes nothing.
 */
const MAX_TRIES = 8;

export function createSqsQueue({ client, urlOf, pause = fullJitter }: SqsQueueOptions): Queue {
  async function send(QueueUrl: string, group: readonly Carried<Message>[]): Promise<void> {
    let left = group;
    for (let tries = 1; left.length > 0; tries++) {
      const Entries = left.map(({ message, body }, place) => ({
        Id: String(place),
        MessageBody: body,
        ...groupIdOf(batchOf(message)),
      }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length === 0) return;
      if (tries >= MAX_TRIES || Failed.some(({ SenderFault }) => SenderFault))
        throw refused(QueueUrl, Failed);
      const unsent = new Set(Failed.map(({ Id }) => Id));
      left = left.filter((_, place) => unsent.has(String(place)));
      await pause(tries);
    }
  }

  return {
    async send(queue, messages) {
      for (const [batch, ofBatch] of Map.groupBy(messages, batchOf)) {
        const url = await urlOf(queue, batch);
        await allOf(groupsOf(ofBatch, CAPACITY), SENDS_AT_ONCE, (group) => send(url, group));
      }
    },
  };
}

/**
 * Batches share a queue fairly by it:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html. A batch
 * whose id is no such name goes without.
 */
function groupIdOf(batch: string): { MessageGroupId?: string } {
  return /^[\x21-\x7e]{1,128}$/.test(batch) ? { MessageGroupId: batch } : {};
}

function refused(url: string, failed: readonly BatchResultErrorEntry[]): Error {
  const [{ Code, Message } = {}] = failed;
  return new Error(`SQS did not take ${failed.length} messages for ${url}: ${Code}: ${Message}`);
}
