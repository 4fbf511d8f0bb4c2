/**
 * The ports of a stack on services in this process, which count what AWS would charge, and access to the
 * stack's queues.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createInvokeQueue } from "../src/aws/queue/invoke-queue.ts";
import { createDynamoLedger } from "../src/aws/ledger/ledger.ts";
import { createMeter } from "../src/aws/meter.ts";
import type { AwsMeter } from "../src/aws/meter.ts";
import { newObjectName, s3Name } from "../src/aws/store/object-name.ts";
import { createSqsQueue } from "../src/aws/queue/sqs-queue.ts";
import { createS3Store } from "../src/aws/store/store.ts";
import type { Message, QueueName } from "../src/core/records/message.ts";
import { newTag } from "../src/local/engine/running/new-tag.ts";
import type { Ports } from "../src/ports.ts";
import { memoryDynamo } from "../test/memory/dynamodb.ts";
import type { Charge } from "../test/memory/dynamodb.ts";
import { memoryLambda } from "../test/memory/lambda.ts";
import { memoryS3 } from "../test/memory/s3.ts";
import { memorySqs } from "../test/memory/sqs.ts";
import { manualClock } from "../test/memory/clock.ts";

const BUCKET = "bucket";

/** The memory that the functions are charged for, in MB. */
const MEMORY_MB = 1024;

export interface CountingServices {
  readonly ports: Ports;
  /** Counts as the functions of a stack do. */
  readonly meter: AwsMeter;
  /** Removes and returns the messages in a queue. */
  takeQueued(queue: QueueName): Message[];
  /** Removes and returns the messages of each direct invocation of the worker. */
  takeInvoked(): Message[][];
  /** The number of requests of each kind of command, retries included. */
  readonly requests: ReadonlyMap<string, number>;
  /** Puts an object into the bucket without counting the request. Returns its name and version. */
  putObject(key: string, content: Buffer): Promise<{ readonly name: string; readonly version: string }>;
  /** The charges of DynamoDB. */
  readonly charges: readonly Charge[];
}

/** With `direct`, chunks go to the worker by asynchronous invoke. */
export function openServices(direct: boolean): CountingServices {
  const requests = new Map<string, number>();
  const charges: Charge[] = [];
  const invoked: Message[][] = [];
  const sqs = memorySqs();
  const s3 = memoryS3();
  const clock = manualClock();
  const meter = createMeter(clock, MEMORY_MB);
  const client = <C extends Stacked>(one: C): C => meter.watch(counted(one, requests));
  const dynamo = client(new DynamoDBClient(memoryDynamo((charge) => charges.push(charge)).client));
  const lambda = memoryLambda(({ payload }) =>
    invoked.push((JSON.parse(payload) as { messages: Message[] }).messages),
  );
  const queue = createSqsQueue({
    client: client(new SQSClient({ ...sqs.client, md5: false })),
    urlOf,
  });
  return {
    meter,
    requests,
    charges,
    takeQueued(name) {
      const bodies = sqs.queues.get(urlOf(name)) ?? [];
      sqs.queues.delete(urlOf(name));
      return bodies.map((body) => JSON.parse(body) as Message);
    },
    takeInvoked: () => invoked.splice(0),
    async putObject(key, content) {
      s3.objects.set(`${BUCKET}/${key}`, content);
      const { ETag = "" } = await new S3Client(s3.client).send(
        new HeadObjectCommand({ Bucket: BUCKET, Key: key }),
      );
      return { name: s3Name(BUCKET, key), version: ETag };
    },
    ports: {
      ledger: createDynamoLedger({
        client: dynamo,
        table: "table",
        now: () => clock.now(),
        retentionDays: 30,
      }),
      queue: direct
        ? createInvokeQueue({
            client: client(new LambdaClient(lambda)),
            functionOf: () => "worker",
            queue,
          })
        : queue,
      store: createS3Store({
        client: client(new S3Client(s3.client)),
        bucket: BUCKET,
        readable: [],
        newName: newObjectName,
      }),
      clock,
      meter,
      newTag,
    },
  };
}

const urlOf = (queue: QueueName): string => `https://sqs.us-east-1.amazonaws.com/000000000000/${queue}`;

/** The part of the SDK's clients to which middlewares are added. */
interface Stacked {
  readonly middlewareStack: {
    add(middleware: Counting, options: { step: "finalizeRequest"; priority: "low"; name: string }): void;
  };
}
type Counting = <Args, Result>(
  next: (args: Args) => Promise<Result>,
  context: { commandName?: string },
) => (args: Args) => Promise<Result>;

/** Counts the requests of `client`, including its retries. */
function counted<Client extends Stacked>(client: Client, requests: Map<string, number>): Client {
  const counting: Counting =
    (next, { commandName = "" }) =>
    async (args) => {
      requests.set(commandName, (requests.get(commandName) ?? 0) + 1);
      return next(args);
    };
  client.middlewareStack.add(counting, { step: "finalizeRequest", priority: "low", name: "counted" });
  return client;
}
