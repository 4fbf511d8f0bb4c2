import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { SendMessageBatchRequest } from "@aws-sdk/client-sqs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createInvokeQueue } from "../../../src/aws/queue/invoke-queue.ts";
import { groupsOf } from "../../../src/aws/queue/message-groups.ts";
import { backoffMs } from "../../../src/aws/backoff.ts";
import { createSqsQueue } from "../../../src/aws/queue/sqs-queue.ts";
import type { Message } from "../../../src/core/records/message.ts";
import { chunkMessage } from "../../contract/queue.ts";
import { memoryLambda } from "../../memory/lambda.ts";
import type { Invoked } from "../../memory/lambda.ts";
import { memoryQueue } from "../../../src/testing/memory/queue.ts";
import { memorySqs } from "../../memory/sqs.ts";

const chunks = (count: number): Message[] => Array.from({ length: count }, (_, chunk) => chunkMessage(chunk));

function setUp(fails?: Parameters<typeof memorySqs>[0]) {
  const sent: SendMessageBatchRequest[] = [];
  const sqs = memorySqs(fails, (batch) => sent.push(batch));
  const waits: number[] = [];
  const queue = createSqsQueue({
    client: new SQSClient({ ...sqs.client, md5: false }),
    urlOf: async (name, batch) => `http://queues/${batch}-${name}`,
    backoff: async (tries) => void waits.push(tries),
  });
  return { queue, sent, waits, queues: sqs.queues };
}

const bodiesOf = (messages: readonly Message[]): string[] => messages.map((one) => JSON.stringify(one));

describe("the SQS queue", () => {
  test("sends ten messages a request, with the batch as their message group", async () => {
    const { queue, sent, queues } = setUp();
    await queue.send("worker", chunks(25));
    expect(sent.map(({ Entries = [] }) => Entries.length)).toEqual([10, 10, 5]);
    expect(sent[0]?.Entries?.[9]).toMatchObject({ Id: "9", MessageGroupId: "01K0" });
    expect(queues.get("http://queues/01K0-worker")).toEqual(bodiesOf(chunks(25)));
  });

  test("delays messages by whole seconds, for a quarter of an hour at most", async () => {
    const { queue, sent } = setUp();
    for (const delayMs of [0, 1, 2000, 5e6]) await queue.send("worker", chunks(1), { delayMs });
    expect(sent.map(({ Entries }) => Entries?.[0]?.DelaySeconds)).toEqual([undefined, 1, 2, 900]);
  });

  test("finds the queue of each batch, because queues belong to jobs", async () => {
    const { queue, queues } = setUp();
    const merge: Message = {
      kind: "merge",
      node: { batch: "b", generation: 0, level: 0, index: 0 },
      attempt: 1,
    };
    await queue.send("join", [{ kind: "plan", batch: "a", entry: 0 }, merge]);
    expect([...queues.keys()]).toEqual(["http://queues/a-join", "http://queues/b-join"]);
  });

  test("leaves the group out if the batch's id is not a valid one, and escapes characters that SQS refuses", async () => {
    const { queue, sent } = setUp();
    await queue.send("worker", [chunkMessage(0, "é\uFFFF")]);
    const [entry] = sent[0]?.Entries ?? [];
    expect(entry).not.toHaveProperty("MessageGroupId");
    expect(entry?.MessageBody).toContain('"é\\uffff"');
  });

  test("retries only the messages that were not taken, with backoff", async () => {
    const tries = new Map<string, number>();
    const { queue, sent, waits, queues } = setUp((body) => {
      tries.set(body, (tries.get(body) ?? 0) + 1);
      return body.includes('"chunk":3') && (tries.get(body) ?? 0) < 4 ? "receiver" : null;
    });
    await queue.send("worker", chunks(5));
    expect(queues.get("http://queues/01K0-worker")?.toSorted()).toEqual(bodiesOf(chunks(5)).toSorted());
    expect(sent.map(({ Entries = [] }) => Entries.length)).toEqual([5, 1, 1, 1]);
    expect(waits).toEqual([1, 2, 3]);
  });

  test("fails at once if the sender is at fault, and otherwise after eight tries", async () => {
    const faulty = setUp(() => "sender");
    await expect(faulty.queue.send("worker", chunks(2))).rejects.toThrow(
      "SQS did not take 2 messages for http://queues/01K0-worker: Refused",
    );
    expect(faulty.sent).toHaveLength(1);
    const busy = setUp(() => "receiver");
    await expect(busy.queue.send("worker", chunks(1))).rejects.toThrow("SQS did not take 1 messages");
    expect(busy.sent).toHaveLength(8);
  });
});

describe("the direct transport", () => {
  function invoking() {
    const invoked: Invoked[] = [];
    const inner = memoryQueue();
    const client = new LambdaClient(memoryLambda((one) => invoked.push(one)));
    const queue = createInvokeQueue({ client, functionOf: (batch) => `of-${batch}`, queue: inner });
    return { queue, inner, invoked };
  }

  test("invokes the job's worker asynchronously with ten messages at most", async () => {
    const { queue, invoked, inner } = invoking();
    await queue.send("worker", chunks(23));
    expect(invoked.map(({ name, type }) => `${name} ${type}`)).toEqual(Array(3).fill("of-01K0 Event"));
    const payloads = invoked.map(({ payload }) => JSON.parse(payload) as { messages: Message[] });
    expect(payloads.map(({ messages }) => messages.length)).toEqual([10, 10, 3]);
    expect(payloads.flatMap(({ messages }) => messages)).toEqual(chunks(23));
    expect(inner.waiting("worker")).toBe(0);
  });

  test("passes all messages but chunks to the wrapped queue", async () => {
    const { queue, invoked, inner } = invoking();
    await queue.send("join", chunks(1));
    await queue.send("coordinator", chunks(2));
    expect([inner.waiting("join"), inner.waiting("coordinator"), invoked.length]).toEqual([1, 2, 0]);
  });

  test("keeps a payload below 1 MB", async () => {
    const { queue, invoked } = invoking();
    const former = "x".repeat(240_000);
    await queue.send(
      "worker",
      chunks(9).map((one) => ({ ...one, former }) as Message),
    );
    expect(invoked).toHaveLength(3);
    for (const { payload } of invoked) expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(1_000_000);
  });
});

describe("messages in requests", () => {
  test("keep their order and fill each request as far as possible", () => {
    const message = fc.string({ unit: "binary", maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(message),
        fc.integer({ min: 10, max: 60 }),
        fc.nat(3),
        (messages, bytes, overhead) => {
          const capacity = { messages: 4, bytes, overhead };
          const groups = [...groupsOf(messages, capacity)];
          expect(groups.flatMap((group) => group.map((one) => one.message))).toEqual(messages);
          expect(groups.flat().map(({ body }) => JSON.parse(body) as unknown)).toEqual(messages);
          const total = (group: readonly { bytes: number }[]): number =>
            group.reduce((sum, one) => sum + one.bytes, 0);
          const wrong = groups.filter((group, index) => {
            const next = groups[index + 1]?.[0];
            const fits = group.length <= 4 && (group.length === 1 || total(group) <= bytes);
            return !fits || (next && group.length < 4 && total(group) + next.bytes <= bytes);
          });
          expect(wrong).toEqual([]);
        },
      ),
    );
  });
});

test("backoff doubles up to five seconds, with full jitter", () => {
  expect([1, 2, 3, 20].map((tries) => backoffMs(tries, 1))).toEqual([100, 200, 400, 5000]);
  expect(backoffMs(3, 0)).toBe(0);
});
