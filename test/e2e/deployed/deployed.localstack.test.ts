/**
 * Runs the common cases on the deployed stack, and compares files with those of the embedded engine. Further
 * tests cover what only AWS has.
 */
import { randomBytes } from "node:crypto";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { beforeAll, describe, expect, test } from "vitest";
import { jobResourceName, resourceName } from "../../../src/core/stack/resource-names.ts";
import { describeCases } from "../cases.ts";
import { deployed, eventually } from "./driver/deployed.ts";
import { deployedStack } from "./driver/deployed-stack.ts";
import type { DeployedStack } from "./driver/deployed-stack.ts";
import { embedded } from "../embedded.ts";
import { messagesIn } from "./driver/function-log.ts";
import { rowsFor, textOf } from "../sales.ts";
import { STACK } from "./stack-name.ts";
import { uploadedBatches } from "./driver/uploaded-batches.ts";

let stack: DeployedStack;
// In a hook and not at import: without a stack all tests are skipped, and their hooks with them.
beforeAll(async () => {
  stack = await deployedStack();
});

describeCases({ driver: () => deployed(stack), reference: embedded, concurrent: true, cancelMs: 20_000 });

describe("on AWS", () => {
  test.concurrent("an unreadable message reaches the dead-letter function and leaves all queues", async () => {
    const poison = `poison ${randomBytes(8).toString("hex")}`;
    const worker = jobResourceName(STACK, "unruly", "worker");
    await send(worker, poison);
    const logged = await eventually("the poison in dead-letter", async () => {
      const messages = await messagesIn(resourceName(STACK, "dead-letter"), poison);
      return messages.length > 0 ? messages : undefined;
    });
    expect(logged.length).toBeGreaterThan(0);
    for (const queue of [worker, resourceName(STACK, "dead-letter")]) {
      await eventually(`an empty queue ${queue}`, async () =>
        (await waiting(queue)) === 0 ? true : undefined,
      );
    }
  });

  test.concurrent("an event that S3 sends twice starts one batch", async () => {
    const key = `uploads/sales/${randomBytes(6).toString("hex")}/sales.csv`;
    const Body = textOf(rowsFor(20));
    const { ETag = "" } = await new S3Client({ forcePathStyle: true }).send(
      new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body }),
    );
    // S3's own event starts the first batch. The two equal events below start one more.
    await eventually("the batch", async () => (await uploadedBatches(stack.table, key))[0]);
    const event = createdEvent(key, ETag.replaceAll('"', ""), Body.length);
    for (let times = 0; times < 2; times++) await send(resourceName(STACK, "coordinator"), event);
    const batches = await eventually("another batch", async () => {
      const found = await uploadedBatches(stack.table, key);
      const idle = (await waiting(resourceName(STACK, "coordinator"))) === 0;
      return found.length > 1 && idle ? found : undefined;
    });
    expect(batches.length).toBe(2);
    const driver = deployed(stack);
    for (const batch of batches) expect((await driver.wait(batch)).items.total).toBe(20);
  });
});

const sqs = new SQSClient({});

async function queueUrl(QueueName: string): Promise<string> {
  return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? "";
}

async function send(queue: string, MessageBody: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl(queue), MessageBody }));
}

/** The number of messages in a queue, including those in flight. */
async function waiting(queue: string): Promise<number> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: await queueUrl(queue),
    AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
  });
  const counts = Object.values((await sqs.send(command)).Attributes ?? {});
  return counts.reduce((sum, count) => sum + Number(count), 0);
}

function createdEvent(key: string, eTag: string, size: number): string {
  const object = { key, size, eTag, sequencer: "0055AED6DCD90281E5" };
  const record = {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: "us-east-1",
    eventTime: "2026-11-21T16:00:00.000Z",
    eventName: "ObjectCreated:Put",
    s3: {
      s3SchemaVersion: "1.0",
      bucket: { name: stack.bucket, arn: `arn:aws:s3:::${stack.bucket}` },
      object,
    },
  };
  return JSON.stringify({ Records: [record] });
}
