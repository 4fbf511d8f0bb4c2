/** fanjoin in a CDK app: `new Fanjoin(this, "Fanjoin").addJob("sales", { entry: "jobs/sales.ts" })`. */
import { CfnOutput, Lazy, Stack } from "aws-cdk-lib";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { IRuleTarget, Rule } from "aws-cdk-lib/aws-events";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { resourceName } from "../src/core/stack/resource-names.ts";
import { alarmApi, alarmDeadLetters, alarmFunctions, alarmLate, alarmStuck } from "./monitoring/alarms.ts";
import type { AlarmProps } from "./monitoring/alarms.ts";
import { createApi } from "./api/rest-api.ts";
import type { ApiProps } from "./api/rest-api.ts";
import { createBucket } from "./resources/bucket.ts";
import type { BucketProps } from "./resources/bucket.ts";
import { createDashboard } from "./monitoring/dashboard.ts";
import type { Board } from "./monitoring/dashboard.ts";
import { deploymentOf } from "./resources/deployment.ts";
import type { DeploymentProps } from "./resources/deployment.ts";
import { invalid } from "./resources/check-props.ts";
import { DeployedJob } from "./deployed-job.ts";
import { checkNameInFile } from "./job-name.ts";
import { scheduleInFile } from "./job-schedule.ts";
import { parseScheduleProps, scheduleJob } from "./resources/schedules.ts";
import { parseJob } from "./job-props.ts";
import type { JobProps } from "./job-props.ts";
import { createQueue, visibilityFor } from "./resources/queues.ts";
import { readableBuckets } from "./resources/readable-buckets.ts";
import type { ReadableBucketsProps } from "./resources/readable-buckets.ts";
import {
  coordinatorSettings,
  createApiFunction,
  createCoordinator,
  createDeadLetter,
  createSweeper,
  DEAD_LETTER_TIMEOUT,
} from "./services.ts";
import type { ServiceProps } from "./services.ts";
import type { SharedResources } from "./shared-resources.ts";
import { endedRule } from "./resources/events.ts";
import type { EndedProps } from "./resources/events.ts";
import { createTable } from "./resources/table.ts";

export type { DeployedJob } from "./deployed-job.ts";
export type { ScheduleProps } from "./resources/schedules.ts";
export type { EndedProps } from "./resources/events.ts";
export type { JobProps, Transport, WorkProps } from "./job-props.ts";

/** All properties are optional. */
export interface FanjoinProps
  extends DeploymentProps, ServiceProps, ApiProps, BucketProps, ReadableBucketsProps, AlarmProps {}

/** The table, bucket, queues, functions and API of one deployment of fanjoin. `addJob` adds its jobs. */
export class Fanjoin extends Construct {
  /** The URL of the API; the command line takes it as `--endpoint`. */
  readonly url: string;
  readonly api: RestApi;
  readonly bucket: Bucket;
  readonly table: Table;
  /**
   * Receives the events of created objects: the stack's bucket sends them by itself. For objects below
   * `uploads/<job>/` of a readable bucket, make the queue a target of S3's notifications, of an SNS topic or
   * of an EventBridge rule.
   */
  readonly coordinatorQueue: Queue;
  readonly #jobs = new Map<string, DeployedJob>();
  readonly #shared: SharedResources;
  readonly #services: {
    readonly api: Function;
    readonly coordinator: Function;
    readonly deadLetter: Function;
    readonly sweeper: Function;
  };
  readonly #board: Board;
  readonly #props: FanjoinProps;

  constructor(scope: Construct, id: string, props: FanjoinProps = {}) {
    super(scope, id);
    this.#props = props;
    const shared = this.#createShared(props);
    const planning = coordinatorSettings(props);
    const api = createApiFunction(this, shared);
    const coordinator = createCoordinator(this, shared, planning);
    const deadLetter = createDeadLetter(this, shared);
    const sweeper = createSweeper(this, shared, props);
    const rest = createApi(this, shared.deployment, props, api);
    this.#shared = shared;
    this.#services = { api, coordinator, deadLetter, sweeper };
    this.api = rest.api;
    this.url = rest.api.url;
    this.bucket = shared.bucket.bucket;
    this.table = shared.table.table;
    this.coordinatorQueue = shared.coordinatorQueue;

    const functions = [api, coordinator, deadLetter, sweeper];
    const { coordinatorQueue, deadLetters } = shared;
    alarmFunctions(this, props, functions);
    alarmApi(this, props, this.api);
    alarmDeadLetters(this, props, deadLetters, deadLetter);
    alarmStuck(this, "Coordinator", props, { queue: coordinatorQueue, visibility: planning.visibility });
    this.#board = createDashboard(this, shared.deployment, {
      api: this.api,
      table: this.table,
      queues: [coordinatorQueue, deadLetters],
      functions,
    });
    this.#output("ApiUrl", this.url);
    this.#output("BucketName", this.bucket.bucketName);
    this.#output("TableName", this.table.tableName);
    if (rest.key) this.#output("ApiKeyId", rest.key.keyId);
  }

  /**
   * Deploys the job that is the default export of the file `entry`. `name` has to be the job's name in that
   * file, which is read from the file's syntax. Throws `JOB_INVALID` for another name, for invalid
   * properties, and for a second job of the same name. Warns if the file does not show the name.
   */
  addJob(name: string, props: JobProps): DeployedJob {
    const settings = parseJob(name, props);
    if (this.#jobs.has(name))
      throw invalid(`There are two jobs of the name ${name}: give each job a name of its own.`);
    checkNameInFile(this, { name, file: settings.file });
    const given =
      props.schedule === undefined ? scheduleInFile(this, { name, file: settings.file }) : props.schedule;
    const schedule = parseScheduleProps(name, given);
    const job = new DeployedJob(this, name, this.#shared, settings);
    if (schedule) scheduleJob(job, name, schedule, this.coordinatorQueue);
    this.#jobs.set(name, job);

    const { api, coordinator, deadLetter, sweeper } = this.#services;
    for (const caller of [api, coordinator]) job.mayDescribe(caller);
    for (const sender of [coordinator, deadLetter, sweeper]) job.maySend(sender);
    job.maySendToLarger(deadLetter);
    if (job.larger) deadLetter.addEnvironment("FANJOIN_LARGER", this.#jobsWithLarger);

    const { larger } = job;
    const functions = [job.worker, job.join, ...(larger ? [larger.worker] : [])];
    const queues = [job.workerQueue, job.joinQueue, larger?.queue ?? null].filter((queue) => queue !== null);
    alarmFunctions(job, this.#props, functions);
    const { worker, join } = settings;
    alarmStuck(job, "Join", this.#props, { queue: job.joinQueue, visibility: join.visibility });
    if (job.workerQueue)
      alarmStuck(job, "Worker", this.#props, { queue: job.workerQueue, visibility: worker.visibility });
    else alarmLate(job, this.#props, job.worker);
    if (larger?.queue)
      alarmStuck(job, "Larger", this.#props, { queue: larger.queue, visibility: worker.visibility });
    this.#board.addJob(name, { queues, functions });
    return job;
  }

  /**
   * Tells a target (a topic, a queue, a function) of each batch that has ended: the event `Batch ended` of
   * the source `fanjoin` on the account's default event bus. It comes at least once; `batch` and `generation`
   * of its detail tell a repeated one. Throws `JOB_INVALID`.
   */
  onEnded(target: IRuleTarget, props: EndedProps = {}): Rule {
    return endedRule(this, this.#shared.deployment, target, props);
  }

  /** Allows a principal to send signed requests to the API. */
  grantRequests(caller: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee: caller,
      actions: ["execute-api:Invoke"],
      resourceArns: [this.api.arnForExecuteApi("*", "/*", this.api.deploymentStage.stageName)],
    });
  }

  #createShared(props: FanjoinProps): SharedResources {
    const deployment = deploymentOf(this, props);
    const deadLetters = createQueue(this, "DeadLetters", deployment, {
      name: resourceName(deployment.name, "dead-letter"),
      visibility: visibilityFor(DEAD_LETTER_TIMEOUT),
      deadLetters: null,
    });
    const coordinatorQueue = createQueue(this, "CoordinatorQueue", deployment, {
      name: resourceName(deployment.name, "coordinator"),
      visibility: coordinatorSettings(props).visibility,
      deadLetters,
    });
    return {
      deployment,
      deadLetters,
      coordinatorQueue,
      table: createTable(this, deployment),
      bucket: createBucket(this, deployment, props, coordinatorQueue),
      readable: readableBuckets(this, props),
      jobs: Lazy.string({ produce: () => this.#transports() }),
    };
  }

  /** A lazy value: it is complete at synthesis. */
  readonly #jobsWithLarger = Lazy.string({
    produce: () =>
      [...this.#jobs.values()].flatMap(({ larger, node }) => (larger ? [node.id] : [])).join(","),
  });

  #transports(): string {
    const jobs = [...this.#jobs.values()].toSorted((a, b) => (a.node.id < b.node.id ? -1 : 1));
    return JSON.stringify(Object.fromEntries(jobs.map((job) => [job.node.id, job.transport])));
  }

  /**
   * Adds an output without CDK's hash in its name: the command line finds a stack's API by the name's end.
   */
  #output(name: string, value: string): void {
    const output = new CfnOutput(this, name, { value });
    const path = this.node.path.slice(Stack.of(this).node.path.length);
    output.overrideLogicalId(`${path}${name}`.replaceAll(/[^A-Za-z0-9]/g, ""));
  }
}
