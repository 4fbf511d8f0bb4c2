/**
 * The direct transport: chunks go to the worker by asynchronous invoke, which starts many environments at
 * once; an SQS event source adds them minute by minute. All other messages go through the wrapped queue.
 */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { batchOf } from "../../core/records/message.ts";
import type { Queue } from "../../ports.ts";
import { allConcurrently } from "../concurrently.ts";
import { groupsOf } from "./message-groups.ts";

export interface InvokeQueueOptions {
  readonly client: Pick<LambdaClient, "send">;
  /** The name or ARN of the function that runs the batch's job. */
  readonly functionOf: (batch: string) => string | Promise<string>;
  readonly queue: Queue;
}

const HEAD = '{"messages":[';
const TAIL = "]}";
/**
 * 1 MB for an asynchronous invoke: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
 * Ten messages, like a batch of SQS.
 */
const CAPACITY = { messages: 10, bytes: 1_000_000 - HEAD.length - TAIL.length, overhead: 1 };
const INVOKES_AT_ONCE = 10;

export function createInvokeQueue({ client, functionOf, queue }: InvokeQueueOptions): Queue {
  async function invoke(FunctionName: string, bodies: readonly string[]): Promise<void> {
    const Payload = Buffer.from(`${HEAD}${bodies.join(",")}${TAIL}`);
    await client.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload }));
  }

  return {
    // An invocation cannot be delayed.
    async send(name, messages, options) {
      if (name !== "worker") return queue.send(name, messages, options);
      for (const [batch, ofBatch] of Map.groupBy(messages, batchOf)) {
        const worker = await functionOf(batch);
        await allConcurrently(groupsOf(ofBatch, CAPACITY), INVOKES_AT_ONCE, (group) =>
          invoke(
            worker,
            group.map(({ body }) => body),
          ),
        );
      }
    },
  };
}
