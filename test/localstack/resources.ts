/** A table, a bucket and queues of a test's own, on whatever LocalStack `AWS_ENDPOINT_URL` names. */
import { randomBytes } from "node:crypto";
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Message } from "../../src/core/records/message.ts";

export const uniqueName = (kind: string): string => `${kind}-${randomBytes(6).toString("hex")}`;

/**
 * As `infra/` makes it. Returns its name. With a client of its own, which has the patience for DynamoDB Local
 * to start.
 */
export async function createTable(): Promise<string> {
  const client = new DynamoDBClient({});
  const TableName = uniqueName("ledger");
  const index = (name: string) => ({
    IndexName: name,
    KeySchema: [
      { AttributeName: name, KeyType: "HASH" as const },
      { AttributeName: "pk", KeyType: "RANGE" as const },
    ],
    Projection: { ProjectionType: "KEYS_ONLY" as const },
  });
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: ["pk", "listed", "open"].map((name) => ({
        AttributeName: name,
        AttributeType: "S",
      })),
      GlobalSecondaryIndexes: [index("listed"), index("open")],
    }),
  );
  return TableName;
}

export async function deleteTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(new DeleteTableCommand({ TableName }));
}

export async function createBucket(client: S3Client): Promise<string> {
  const Bucket = uniqueName("bucket");
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

export async function createQueue(client: SQSClient): Promise<string> {
  const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName: uniqueName("queue") }));
  return QueueUrl;
}

export async function deleteQueue(client: SQSClient, QueueUrl: string): Promise<void> {
  await client.send(new DeleteQueueCommand({ QueueUrl }));
}

/** Receives and deletes up to ten messages. */
export async function takeMessages(client: SQSClient, QueueUrl: string): Promise<Message[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  if (Messages.length === 0) return [];
  const Entries = Messages.map(({ ReceiptHandle }, place) => ({ Id: String(place), ReceiptHandle }));
  await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  return Messages.map(({ Body = "" }) => JSON.parse(Body) as Message);
}
