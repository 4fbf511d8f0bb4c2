/** The ports on AWS, composed from a function's environment. */
import { randomBytes } from "node:crypto";
import { ulid } from "ulid";
import { invokeFunction } from "../../src/aws/invoke-function.ts";
import { dynamoClient, lambdaClient, sqsClient } from "../../src/aws/clients.ts";
import { s3Client } from "../../src/aws/store/s3-client.ts";
import { createInvokeQueue } from "../../src/aws/queue/invoke-queue.ts";
import { createDynamoLedger } from "../../src/aws/ledger/ledger.ts";
import { createMeter } from "../../src/aws/meter.ts";
import type { AwsMeter } from "../../src/aws/meter.ts";
import { newObjectName } from "../../src/aws/store/object-name.ts";
import { createSqsQueue } from "../../src/aws/queue/sqs-queue.ts";
import { createInputObjects } from "../../src/aws/store/input-objects.ts";
import { createS3Store } from "../../src/aws/store/store.ts";
import { FanjoinError } from "../../src/core/errors/errors.ts";
import { batchOf } from "../../src/core/records/message.ts";
import type { Message, QueueName } from "../../src/core/records/message.ts";
import { jobResourceName, resourceName, siblingQueueUrl } from "../../src/core/stack/resource-names.ts";
import type { JobResource } from "../../src/core/stack/resource-names.ts";
import { TAG_BYTES, tagOf } from "../../src/core/tag.ts";
import type { Ledger, Ports, Queue, Tracer } from "../../src/ports.ts";
import { readSpec } from "../../src/batch/spec.ts";
import type { DescribeAnswer, DescribeRemote } from "../../src/job/describe-job.ts";
import type { TimeLimitedMachine } from "../../src/steps/time-limited/time-limited-runner.ts";
import { readEnvironment } from "./environment.ts";
import type { Environment, Transport } from "./environment.ts";
import { itemContexts } from "./item-contexts.ts";

export interface Runtime {
  readonly environment: Environment;
  readonly ports: Ports;
  readonly describe: DescribeRemote;
  /** Counts what invocations cost. */
  readonly meter: AwsMeter;
  /** Returns a new batch id; ids sort by time. */
  readonly newBatch: () => string;
  readonly random: () => number;
  /** How long a planner waits for the first chunk to settle. */
  readonly patienceMs: number;
  /** Runs an item in a context that attributes its uncaught errors; in functions that run a job's code. */
  readonly within?: TimeLimitedMachine["within"];
  /**
   * Calls `end` when the environment is shut down. Lambda tells a function only if it has an extension:
   * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
   */
  readonly onShutdown?: (end: () => Promise<void>) => void;
}

/** Covers a cold start of the worker and about a second for the first chunk. */
const PATIENCE_MS = 5000;

export function awsRuntime(environment: Environment = readEnvironment(), tracer?: Tracer): Runtime {
  const { table, bucket, readable, retentionDays, name } = environment;
  const clock = { now: Date.now };
  const meter = createMeter(clock, memoryOf(process.env));
  const dynamo = meter.watch(dynamoClient());
  const ledger = createDynamoLedger({ client: dynamo, table, now: clock.now, retentionDays });
  const client = lambdaClient();
  const s3 = meter.watch(s3Client());
  return {
    environment,
    ports: {
      ledger,
      queue: queueOn(environment, ledger, { client, sqs: () => meter.watch(sqsClient()) }),
      store: createS3Store({ client: s3, bucket, readable, newName: newObjectName }),
      objects: createInputObjects(s3, bucket, readable),
      clock,
      meter,
      newTag: () => tagOf(randomBytes(TAG_BYTES)),
      tracer,
    },
    meter,
    async describe(job, params) {
      const worker = jobResourceName(name, job, "worker");
      return describedIn(await invokeFunction(client, worker, { describe: { params } }));
    },
    newBatch: () => ulid(),
    random: Math.random,
    patienceMs: PATIENCE_MS,
    within: itemContexts(),
    onShutdown: (end) => process.once("SIGTERM", () => void end().finally(() => process.exit(0))),
  };
}

/**
 * The description in an answer of the worker, or the error. The job's worker is trusted to answer correctly.
 */
function describedIn(response: unknown): Awaited<ReturnType<DescribeRemote>> {
  const answer = response as DescribeAnswer;
  if ("job" in answer) return answer.job;
  throw new FanjoinError(answer.error.code, answer.error.message);
}

/** The memory of the function: Lambda sets it. */
function memoryOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: megabytes }: NodeJS.ProcessEnv): number {
  return Number(megabytes ?? 0);
}

interface QueueClients {
  readonly client: ReturnType<typeof lambdaClient>;
  readonly sqs: () => ReturnType<typeof sqsClient>;
}

/** Sends to the queues of the batch's job. Chunks use their job's transport, other messages use SQS. */
function queueOn(environment: Environment, ledger: Ledger, { client, sqs: newSqs }: QueueClients): Queue {
  const { name, queueUrl, jobs } = environment;
  const jobOf = jobFinder(environment, ledger);
  const resourceOf = async (batch: string, kind: JobResource): Promise<string> =>
    jobResourceName(name, await jobOf(batch), kind);
  const nameOf = async (queue: QueueName, batch: string, worker: JobResource): Promise<string> => {
    if (queue === "worker" || queue === "join") return resourceOf(batch, queue === "worker" ? worker : queue);
    return resourceName(name, queue);
  };
  const transportsTo = (worker: JobResource): { readonly [transport in Transport]: Queue } => {
    const sqs = createSqsQueue({
      client: newSqs(),
      urlOf: async (queue, batch) => siblingQueueUrl(queueUrl, await nameOf(queue, batch, worker)),
    });
    const functionOf = (batch: string): Promise<string> => resourceOf(batch, worker);
    return { sqs, invoke: createInvokeQueue({ client, functionOf, queue: sqs }) };
  };
  const usual = transportsTo("worker");
  const toLarger = transportsTo("larger");
  return {
    async send(queue, messages, options) {
      for (const [batch, ofBatch] of Map.groupBy(messages, batchOf)) {
        const job = queue === "worker" ? await jobOf(batch) : null;
        const transport = job === null ? "sqs" : (jobs.get(job) ?? "sqs");
        const isForLarger = (message: Message): boolean =>
          job !== null && environment.larger.has(job) && "larger" in message;
        for (const [larger, some] of Map.groupBy(ofBatch, isForLarger))
          await (larger ? toLarger : usual)[transport].send(queue, some, options);
      }
    },
  };
}

/** The number of batches whose job is remembered. */
const MAX_KNOWN = 1000;

/**
 * Finds a batch's job by its record. It never changes, so it is remembered. A job's functions need no lookup.
 */
function jobFinder({ job }: Environment, ledger: Ledger): (batch: string) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return async (batch) => {
    if (job !== null) return job;
    const found = known.get(batch) ?? readSpec(ledger, batch).then((spec) => spec.job);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(batch, found);
    found.catch(() => known.delete(batch));
    return found;
  };
}
