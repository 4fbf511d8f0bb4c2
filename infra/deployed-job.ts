/** The resources of one job: worker and join functions, which run the user's code, and their queues. */
import { ArnFormat, Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IGrantable, IPrincipal } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { jobResourceName } from "../src/core/stack/resource-names.ts";
import type { JobResource } from "../src/core/stack/resource-names.ts";
import { bothOf } from "./resources/both-principals.ts";
import type { JobCode } from "./resources/bundle.ts";
import { codeHash } from "../src/code-hash.ts";
import { createFunction } from "./resources/function.ts";
import type { JobSettings, Transport } from "./job-props.ts";
import { mayPutEvents } from "./resources/events.ts";
import { createQueue, maySend, mayWakeCoordinator, wake } from "./resources/queues.ts";
import type { SharedResources } from "./shared-resources.ts";

/** A job on AWS. A permission that is granted to it is granted to its worker and its join function. */
export class DeployedJob extends Construct implements IGrantable {
  readonly worker: Function;
  readonly join: Function;
  /** `null` with the transport `invoke`. */
  readonly workerQueue: Queue | null;
  readonly joinQueue: Queue;
  /** The worker for chunks that may lack memory, and its queue. `null`: the job has one size of memory. */
  readonly larger: { readonly worker: Function; readonly queue: Queue | null } | null;
  readonly transport: Transport;
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, job: string, shared: SharedResources, settings: JobSettings) {
    super(scope, job);
    const { transport } = settings;
    const part = { scope: this, job, shared, settings };
    this.transport = transport;
    this.worker = createWorker(part, "worker", settings.worker.memory);
    this.join = createJoin(part);
    this.joinQueue = queueOf(part, "join", settings.join.visibility);
    this.workerQueue = transport === "sqs" ? queueOf(part, "worker", settings.worker.visibility) : null;
    wake(this.join, this.joinQueue, 1, settings.join.concurrency);
    if (this.workerQueue) wake(this.worker, this.workerQueue, BUNDLE, settings.worker.concurrency);
    this.larger = settings.larger === null ? null : createLarger(part, settings.larger);
    const both = bothOf(this.worker.grantPrincipal, this.join.grantPrincipal);
    this.grantPrincipal = this.larger ? bothOf(both, this.larger.worker.grantPrincipal) : both;
    this.maySendChunks(this.join);
    maySend(this.join, this.joinQueue);
    maySend(this.worker, this.joinQueue);
    if (this.workerQueue) maySend(this.worker, this.workerQueue);
    else mayInvoke(this.worker, arnByName(this, jobResourceName(shared.deployment.name, job, "worker")));
    this.maySendToLarger(this.worker);
    if (!this.larger) return;
    maySend(this.larger.worker, this.joinQueue);
    if (this.larger.queue) maySend(this.larger.worker, this.larger.queue);
    else
      mayInvoke(this.larger.worker, arnByName(this, jobResourceName(shared.deployment.name, job, "larger")));
  }

  /** Allows a function to send chunks to the larger worker, if there is one. */
  maySendToLarger(sender: Function): void {
    if (this.larger?.queue) maySend(sender, this.larger.queue);
    else if (this.larger) mayInvoke(sender, this.larger.worker.functionArn);
  }

  /** Allows a function to send chunks and joins of this job. */
  maySend(sender: Function): void {
    this.maySendChunks(sender);
    maySend(sender, this.joinQueue);
  }

  /** Allows a function to ask the worker for the job's description. */
  mayDescribe(caller: Function): void {
    mayInvoke(caller, this.worker.functionArn);
  }

  private maySendChunks(sender: Function): void {
    if (this.workerQueue) maySend(sender, this.workerQueue);
    else mayInvoke(sender, this.worker.functionArn);
  }
}

/** Chunks per invocation; the direct transport uses the same number (`src/aws/queue/invoke-queue.ts`). */
const BUNDLE = 10;
/** How long a direct invocation may wait for concurrency: Lambda's maximum. */
const MAX_WAIT = Duration.hours(6);

interface Part {
  readonly scope: Construct;
  readonly job: string;
  readonly shared: SharedResources;
  readonly settings: JobSettings;
}

function createLarger(part: Part, memory: number): NonNullable<DeployedJob["larger"]> {
  const { visibility, concurrency } = part.settings.worker;
  const worker = createWorker(part, "larger", memory);
  const queue = part.settings.transport === "sqs" ? queueOf(part, "larger", visibility) : null;
  if (queue) wake(worker, queue, BUNDLE, concurrency);
  return { worker, queue };
}

function createWorker(part: Part, kind: "worker" | "larger", memory: number): Function {
  const { scope, job, shared, settings } = part;
  const { timeout } = settings.worker;
  const direct = settings.transport === "invoke";
  const usual = kind === "worker";
  const worker = createFunction(scope, usual ? "Worker" : "LargerWorker", shared.deployment, {
    ...withCode(common(part, kind)),
    description: usual ? `Runs chunks of ${job}` : `Runs chunks of ${job} that may lack memory`,
    code: "worker",
    memory,
    timeout,
    selfTriggering: true,
    ...(direct && {
      asynchronous: { onFailure: new SqsDestination(shared.deadLetters), maxEventAge: MAX_WAIT },
    }),
    ...(usual && settings.reserved !== null && { reserved: settings.reserved }),
  });
  shared.bucket.grant(worker, { read: ["uploads", "inputs", "attempts", "batches"], write: ["attempts"] });
  grantShared(worker, shared);
  return worker;
}

function createJoin(part: Part): Function {
  const { scope, job, shared, settings } = part;
  const { memory, timeout } = settings.join;
  const join = createFunction(scope, "Join", shared.deployment, {
    ...common(part, "join"),
    description: `Joins what the chunks of ${job} left, and runs its generator`,
    code: "join",
    memory,
    timeout,
    selfTriggering: true,
  });
  shared.bucket.grant(join, {
    read: ["uploads", "inputs", "attempts", "batches"],
    write: ["attempts", "batches"],
  });
  grantShared(join, shared);
  mayPutEvents(join);
  return join;
}

function common(
  { job, shared, settings }: Part,
  kind: JobResource,
): { name: string; job: JobCode; environment: { [name: string]: string } } {
  return {
    name: jobResourceName(shared.deployment.name, job, kind),
    job: { name: job, file: settings.file, ...settings.bundling },
    environment: {
      ...settings.environment,
      FANJOIN_JOB: job,
      FANJOIN_TRANSPORT: settings.transport,
      ...(settings.larger !== null && kind !== "join" && { FANJOIN_LARGER: job }),
    },
  };
}

/** The function that describes the job says which code was deployed. */
function withCode({ environment, ...rest }: ReturnType<typeof common>): ReturnType<typeof common> {
  return { ...rest, environment: { ...environment, FANJOIN_CODE: codeHash(rest.job.file) } };
}

function grantShared(user: Function, { table, readable, coordinatorQueue }: SharedResources): void {
  table.grant(user);
  readable.grant(user);
  mayWakeCoordinator(user, coordinatorQueue);
}

function queueOf({ scope, job, shared }: Part, kind: JobResource, visibility: Duration): Queue {
  const ids = { worker: "WorkerQueue", join: "JoinQueue", larger: "LargerWorkerQueue" };
  return createQueue(scope, ids[kind], shared.deployment, {
    name: jobResourceName(shared.deployment.name, job, kind),
    visibility,
    deadLetters: shared.deadLetters,
  });
}

function mayInvoke(caller: Function, target: string): void {
  caller.addToRolePolicy(new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [target] }));
}

/** The ARN by name: a function's role cannot refer to the function that it is created for. */
function arnByName(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({
    service: "lambda",
    resource: "function",
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
