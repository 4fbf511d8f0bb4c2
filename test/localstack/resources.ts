/** Creates tables, buckets and queues for tests, on the LocalStack that `AWS_ENDPOINT_URL` names. */
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
 * Creates a table like the one of `infra/` and returns its name. It uses a client with default timeouts,
 * which leave DynamoDB Local time to start.
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
  const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  return Messages.map(({ Body = "" }) => JSON.parse(Body) as Message);
}
