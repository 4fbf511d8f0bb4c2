/**
 * Runs the contract suites against the real adapters and the real SDK, with services in this process. The
 * same suites run on LocalStack: `test/localstack/ports.localstack.test.ts`.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createDynamoLedger } from "../../src/aws/ledger/ledger.ts";
import { newObjectName, s3Name } from "../../src/aws/store/object-name.ts";
import { createSqsQueue } from "../../src/aws/queue/sqs-queue.ts";
import { createS3Store } from "../../src/aws/store/store.ts";
import type { Message } from "../../src/core/records/message.ts";
import { ledgerContract } from "../contract/ledger.ts";
import { queueContract } from "../contract/queue.ts";
import { storeContract } from "../contract/store.ts";
import { memoryDynamo } from "../memory/dynamodb.ts";
import { memoryS3 } from "../memory/s3.ts";
import { memorySqs } from "../memory/sqs.ts";

const close = async (): Promise<void> => {};

ledgerContract("DynamoDB, in this process,", async () => {
  const client = new DynamoDBClient(memoryDynamo().client);
  const isListed = (): boolean => true;
  return {
    ledger: createDynamoLedger({ client, table: "t", now: Date.now, retentionDays: 30, isListed }),
    close,
  };
});

queueContract("SQS, in this process,", async () => {
  const { client, queues } = memorySqs();
  const urlOf = (name: string): string => `http://queues/${name}`;
  return {
    queue: createSqsQueue({ client: new SQSClient({ ...client, md5: false }), urlOf }),
    take: async (name) =>
      queues
        .get(urlOf(name))
        ?.splice(0, 10)
        .map((body) => JSON.parse(body) as Message) ?? [],
    close,
  };
});

storeContract("S3, in this process,", async () => {
  const { client, objects } = memoryS3();
  return {
    store: createS3Store({
      client: new S3Client(client),
      bucket: "own",
      readable: ["users"],
      newName: newObjectName,
    }),
    async input(label, content) {
      objects.set(`users/${label}`, Buffer.from(content));
      return s3Name("users", label);
    },
    missing: s3Name("users", "missing"),
    close,
  };
});
