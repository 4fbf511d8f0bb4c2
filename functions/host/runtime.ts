/** What the functions of a deployed stack work with: the ports on AWS, composed from the environment. */
import { randomBytes } from "node:crypto";
import { ulid } from "ulid";
import { askFunction } from "../../src/aws/invoke-function.ts";
import { dynamoClient, lambdaClient, s3Client, sqsClient } from "../../src/aws/clients.ts";
import { createInvokeQueue } from "../../src/aws/queue/invoke-queue.ts";
import { createDynamoLedger } from "../../src/aws/ledger/ledger.ts";
import { newObjectName } from "../../src/aws/store/object-name.ts";
import { createSqsQueue } from "../../src/aws/queue/sqs-queue.ts";
import { createS3Store } from "../../src/aws/store/store.ts";
import { FanjoinError } from "../../src/core/errors.ts";
import { batchOf } from "../../src/core/records/message.ts";
import type { QueueName } from "../../src/core/records/message.ts";
import { jobResourceName, resourceName, siblingQueueUrl } from "../../src/core/resource-names.ts";
import type { JobResource } from "../../src/core/resource-names.ts";
import { TAG_BYTES, tagOf } from "../../src/core/tag.ts";
import type { Ledger, Ports, Queue } from "../../src/ports.ts";
import { readSpec } from "../../src/batch/spec.ts";
import type { DescribeAnswer, DescribeRemote } from "../../src/job/describe-job.ts";
import type { TimeLimitedMachine } from "../../src/steps/time-limited/time-limited-runner.ts";
import { readEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { itemContexts } from "./item-contexts.ts";

export interface Runtime {
  readonly environment: Environment;
  readonly ports: Ports;
  readonly describe: DescribeRemote;
  /** A new id, which sorts by time. */
  readonly newBatch: () => string;
  readonly random: () => number;
  /** How long a planner waits for a first chunk. */
  readonly patienceMs: number;
  /** Tells whose errors are that nobody catches, in functions that run a job's code. */
  readonly within?: TimeLimitedMachine["within"];
}

/** A cold start of the worker, and the second that a first chunk takes. */
const PATIENCE_MS = 5000;

export function awsRuntime(environment: Environment = readEnvironment()): Runtime {
  const { table, bucket, readable, retentionDays, name } = environment;
  const clock = { now: Date.now };
  const ledger = createDynamoLedger({ client: dynamoClient(), table, now: clock.now, retentionDays });
  const client = lambdaClient();
  return {
    environment,
    ports: {
      ledger,
      queue: queueOn(environment, ledger, client),
      store: createS3Store({ client: s3Client(), bucket, readable, newName: newObjectName }),
      clock,
      newTag: () => tagOf(randomBytes(TAG_BYTES)),
    },
    async describe(job, params) {
      const question = { describe: { params } };
      const answer = await askFunction(client, jobResourceName(name, job, "worker"), question);
      return describedIn(answer);
    },
    newBatch: () => ulid(),
    random: Math.random,
    patienceMs: PATIENCE_MS,
    within: itemContexts(),
  };
}

/** Only the job's own function makes such answers. */
function describedIn(answer: unknown): Awaited<ReturnType<DescribeRemote>> {
  const given = answer as DescribeAnswer;
  if ("job" in given) return given.job;
  throw new FanjoinError(given.error.code, given.error.message);
}

/** The queues of whichever job a batch is of. Chunks go as their job says, everything else by SQS. */
function queueOn(environment: Environment, ledger: Ledger, client: ReturnType<typeof lambdaClient>): Queue {
  const { name, queueUrl, jobs } = environment;
  const jobOf = jobFinder(environment, ledger);
  const resourceOf = async (batch: string, kind: JobResource): Promise<string> =>
    jobResourceName(name, await jobOf(batch), kind);
  const nameOf = async (queue: QueueName, batch: string): Promise<string> =>
    queue === "worker" || queue === "join" ? resourceOf(batch, queue) : resourceName(name, queue);
  const sqs = createSqsQueue({
    client: sqsClient(),
    urlOf: async (queue, batch) => siblingQueueUrl(queueUrl, await nameOf(queue, batch)),
  });
  const direct = createInvokeQueue({
    client,
    functionOf: (batch) => resourceOf(batch, "worker"),
    queue: sqs,
  });
  return {
    async send(queue, messages) {
      for (const [batch, some] of Map.groupBy(messages, batchOf)) {
        const isDirect = queue === "worker" && jobs.get(await jobOf(batch)) === "invoke";
        await (isDirect ? direct : sqs).send(queue, some);
      }
    },
  };
}

/** Batches whose job is remembered. */
const MOST_KNOWN = 1000;

/** A batch's job never changes. A function of one job sees batches of that only. */
function jobFinder({ job }: Environment, ledger: Ledger): (batch: string) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return async (batch) => {
    if (job !== null) return job;
    const found = known.get(batch) ?? readSpec(ledger, batch).then((spec) => spec.job);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(batch, found);
    found.catch(() => known.delete(batch));
    return found;
  };
}
