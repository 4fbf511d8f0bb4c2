import { PutObjectCommand } from "@aws-sdk/client-s3";
import { dynamoClient, sqsClient } from "../../src/aws/clients.ts";
import { s3Client } from "../../src/aws/store/s3-client.ts";
import { createDynamoLedger } from "../../src/aws/ledger/ledger.ts";
import { newObjectName, s3Name } from "../../src/aws/store/object-name.ts";
import { createSqsQueue } from "../../src/aws/queue/sqs-queue.ts";
import { createS3Store } from "../../src/aws/store/store.ts";
import type { QueueName } from "../../src/core/records/message.ts";
import { ledgerContract } from "../contract/ledger.ts";
import { queueContract } from "../contract/queue.ts";
import { storeContract } from "../contract/store.ts";
import {
  createBucket,
  createQueue,
  createTable,
  deleteQueue,
  deleteTable,
  takeMessages,
} from "./resources.ts";

ledgerContract("DynamoDB", async () => {
  const client = dynamoClient();
  const table = await createTable();
  return {
    ledger: createDynamoLedger({ client, table, now: Date.now, retentionDays: 30, isListed: () => true }),
    close: () => deleteTable(client, table),
  };
});

queueContract("SQS", async () => {
  const client = sqsClient();
  const names: readonly QueueName[] = ["coordinator", "worker", "join"];
  const urls = new Map<QueueName, string>();
  for (const name of names) urls.set(name, await createQueue(client));
  const urlOf = (name: QueueName): string => urls.get(name) ?? "";
  return {
    queue: createSqsQueue({ client, urlOf }),
    take: (name) => takeMessages(client, urlOf(name)),
    async close() {
      for (const url of urls.values()) await deleteQueue(client, url);
    },
  };
});

storeContract("S3", async () => {
  const client = s3Client();
  const bucket = await createBucket(client);
  const users = await createBucket(client);
  return {
    store: createS3Store({ client, bucket, readable: [users], newName: newObjectName }),
    async input(label, content) {
      await client.send(new PutObjectCommand({ Bucket: users, Key: label, Body: content }));
      return s3Name(users, label);
    },
    missing: s3Name(users, "missing"),
    close: async () => {},
  };
});
