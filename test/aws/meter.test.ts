/** The meter, with the real SDK's clients against services in this process. */
import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { createMeter } from "../../src/aws/meter.ts";
import type { AwsMeter } from "../../src/aws/meter.ts";
import { AWS_PRICES } from "../../src/core/stack/prices.ts";
import { manualClock } from "../memory/clock.ts";
import { endpoint, jsonEndpoint, ServiceError } from "../memory/endpoint.ts";

const MEMORY_MB = 1024;

const nano = (dollars: number): number => Math.round(dollars * 1e9);

/** The fees since the last time, in billionths of a dollar. */
const feesOf = (meter: AwsMeter): number => meter.take().fees ?? 0;

/** A DynamoDB that says what a request consumed, if it was asked. `asked`: for each request, how. */
function dynamo(meter: AwsMeter, consumed: unknown, refuses = false) {
  const asked: unknown[] = [];
  const answering = jsonEndpoint((_, input: { readonly ReturnConsumedCapacity?: string }) => {
    asked.push(input.ReturnConsumedCapacity);
    if (refuses) throw new ServiceError("ConditionalCheckFailedException", "no");
    return input.ReturnConsumedCapacity === "TOTAL" ? { ConsumedCapacity: consumed } : {};
  });
  return { client: meter.watch(new DynamoDBClient(answering)), asked };
}

const Key = { pk: { S: "k" } };
const update = new UpdateItemCommand({ TableName: "t", Key });
const batchGet = new BatchGetItemCommand({ RequestItems: { t: { Keys: [Key] } } });

test("DynamoDB is asked for the units of each request, and they cost what reads and writes do", async () => {
  const meter = createMeter(manualClock(), MEMORY_MB);
  const one = dynamo(meter, { TableName: "t", CapacityUnits: 3 });
  await one.client.send(update);
  expect(feesOf(meter)).toBe(nano(3 * AWS_PRICES.dynamoWrite));
  await one.client.send(
    new QueryCommand({
      TableName: "t",
      KeyConditionExpression: "pk = :k",
      ExpressionAttributeValues: { ":k": { S: "k" } },
    }),
  );
  expect(feesOf(meter)).toBe(nano(3 * AWS_PRICES.dynamoRead));
  const several = dynamo(meter, [{ CapacityUnits: 2 }, { CapacityUnits: 0.5 }, {}]);
  await several.client.send(batchGet);
  expect(feesOf(meter)).toBe(nano(2.5 * AWS_PRICES.dynamoRead));
  expect([...one.asked, ...several.asked]).toEqual(["TOTAL", "TOTAL", "TOTAL"]);
  const silent = dynamo(meter, undefined);
  await silent.client.send(update);
  expect(meter.take()).toEqual({});
});

test("a refused update costs a unit, a refused read nothing", async () => {
  const meter = createMeter(manualClock(), MEMORY_MB);
  const { client } = dynamo(meter, null, true);
  await expect(client.send(update)).rejects.toThrow("no");
  expect(feesOf(meter)).toBe(nano(AWS_PRICES.dynamoWrite));
  await expect(client.send(batchGet)).rejects.toThrow("no");
  expect(feesOf(meter)).toBe(0);
});

test("requests to other services cost what their kind does, without being changed", async () => {
  const meter = createMeter(manualClock(), MEMORY_MB);
  const empty = endpoint(({ path }) => ({ body: path.includes("invocations") ? "{}" : "" }));
  const s3 = meter.watch(new S3Client({ ...empty, responseChecksumValidation: "WHEN_REQUIRED" }));
  const sqs = meter.watch(new SQSClient({ ...jsonEndpoint(() => ({ Successful: [] })), md5: false }));
  const lambda = meter.watch(new LambdaClient(empty));
  const { asked, client } = dynamo(meter, { CapacityUnits: 5 });
  const object = { Bucket: "b", Key: "k" };
  const costs = async (request: Promise<unknown>): Promise<number> => {
    await request.catch(() => undefined);
    return feesOf(meter);
  };
  const Entries = [{ Id: "0", MessageBody: "x" }];
  expect(await costs(sqs.send(new SendMessageBatchCommand({ QueueUrl: "http://q", Entries })))).toBe(400);
  expect(await costs(lambda.send(new InvokeCommand({ FunctionName: "f" })))).toBe(0);
  expect(await costs(s3.send(new PutObjectCommand({ ...object, Body: "x" })))).toBe(5000);
  expect(await costs(s3.send(new ListObjectsV2Command({ Bucket: "b" })))).toBe(5000);
  expect(await costs(s3.send(new GetObjectCommand(object)))).toBe(400);
  expect(await costs(s3.send(new HeadObjectCommand(object)))).toBe(400);
  const Delete = { Objects: [{ Key: "k" }] };
  expect(await costs(s3.send(new DeleteObjectsCommand({ Bucket: "b", Delete })))).toBe(0);
  // A request of DynamoDB that fanjoin does not send.
  await client.send(new GetItemCommand({ TableName: "t", Key }));
  expect(asked).toEqual([undefined]);
});

test("an invocation costs its time by its memory, and the requests that brought it", () => {
  const clock = manualClock();
  const meter = createMeter(clock, 512);
  clock.advance(1000);
  // Before an invocation no time counts.
  expect(meter.take()).toEqual({});
  meter.begin({ polled: false });
  clock.advance(3000);
  expect(meter.take()).toEqual({ mbs: 1536, fees: nano(AWS_PRICES.lambdaRequest) });
  // Each second counts once.
  expect(meter.take()).toEqual({});
  clock.advance(2000);
  expect(meter.take()).toEqual({ mbs: 1024 });
  meter.begin({ polled: true });
  expect(meter.take()).toEqual({ fees: nano(AWS_PRICES.lambdaRequest + 2 * AWS_PRICES.sqsRequest) });
});

test("what is given back is taken again with the next, once", () => {
  const clock = manualClock();
  const meter = createMeter(clock, MEMORY_MB);
  meter.begin({ polled: false });
  clock.advance(1000);
  const taken = meter.take();
  meter.giveBack(taken);
  meter.giveBack({});
  clock.advance(1000);
  expect(meter.take()).toEqual({ mbs: 2048, fees: nano(AWS_PRICES.lambdaRequest) });
  expect(meter.take()).toEqual({});
});
