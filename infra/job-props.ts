/** What can be said about a job that is deployed, what is meant when it is not, and what is refused. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Duration } from "aws-cdk-lib";
import type { BundleProps } from "./resources/bundle.ts";
import { invalid, wholeNumber } from "./resources/check-props.ts";
import { visibilityFor } from "./resources/queues.ts";

/**
 * How chunks travel to the workers: through a queue, or by direct invocations, which start faster and have no
 * limit of their own.
 */
export type Transport = "sqs" | "invoke";

/** Size of a function that messages of a queue wake. */
export interface WorkProps {
  /** In MB, 1024 by default. A function has one whole processor from 1769 on. */
  readonly memory?: number | undefined;
  /** How long one invocation may take: 5 minutes by default for workers, 15 for joins and the coordinator. */
  readonly timeout?: Duration | undefined;
  /** So many invocations at once at most. 100 by default for workers, 20 for joins and the coordinator. */
  readonly concurrency?: number | undefined;
  /** After this time a message whose function died comes back; by default 30 s after the timeout. */
  readonly visibilityTimeout?: Duration | undefined;
}

/** What `addJob` takes: the file, and the size of the job's worker. */
export interface JobProps extends WorkProps, BundleProps {
  /**
   * The file whose default export is the job: a path from the current directory, or a URL, as of `new
   * URL("./sales.ts", import.meta.url)`.
   */
  readonly entry: string | URL;
  /**
   * `sqs` by default. With `invoke`, `concurrency` is set aside for the worker out of the account's; left
   * out, nothing bounds it.
   */
  readonly transport?: Transport | undefined;
  /** For `process` and `join`; names that begin with `FANJOIN_` are taken. */
  readonly environment?: { readonly [name: string]: string } | undefined;
  /** Size of the job's join function, which also runs its generator. */
  readonly join?: WorkProps | undefined;
}

/** `WorkProps` with all defaults filled in. */
export interface WorkSettings {
  readonly memory: number;
  readonly timeout: Duration;
  readonly concurrency: number;
  readonly visibility: Duration;
}

export interface JobSettings {
  readonly file: string;
  readonly transport: Transport;
  readonly environment: { readonly [name: string]: string };
  readonly worker: WorkSettings;
  /** For direct invocations; `null` = as many as the account has. */
  readonly reserved: number | null;
  readonly join: WorkSettings;
  readonly bundling: BundleProps;
}

/** As `defineJob` has it: the name is part of the names of functions and queues. */
const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const TRANSPORTS: readonly unknown[] = ["sqs", "invoke"] satisfies Transport[];
/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MEMORY_MB = [128, 10_240] as const;
const TIMEOUT_S = [1, 900] as const;
/** https://docs.aws.amazon.com/lambda/latest/api/API_ScalingConfig.html */
const CONCURRENCY = [2, 1000] as const;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const MAX_VISIBILITY_S = 12 * 60 * 60;

const WORKER: WorkDefaults = { minutes: 5, concurrency: 100 };
const JOIN: WorkDefaults = { minutes: 15, concurrency: 20 };

export function checkJobName(name: string): void {
  if (NAME.test(name)) return;
  throw invalid(
    `A job's name has to be 1 to 63 lower-case letters, digits and dashes, a letter first, but is ${JSON.stringify(name)}.`,
  );
}

/** Throws `JOB_INVALID`. */
export function parseJob(name: string, props: JobProps): JobSettings {
  checkJobName(name);
  const { transport = "sqs", environment = {}, join, external, define } = props;
  if (!TRANSPORTS.includes(transport)) {
    throw invalid(`${name}: transport has to be "sqs" or "invoke", but is ${JSON.stringify(transport)}.`);
  }
  const taken = Object.keys(environment).find((variable) => variable.startsWith("FANJOIN_"));
  if (taken !== undefined) {
    throw invalid(`${name}: environment may not set ${taken}, names that begin with FANJOIN_ are taken.`);
  }
  return {
    file: fileOf(name, props.entry),
    transport,
    environment,
    worker: parseWork(name, props, WORKER),
    reserved: transport === "invoke" ? (props.concurrency ?? null) : null,
    join: parseWork(`${name}: join`, join ?? {}, JOIN),
    bundling: { external, define },
  };
}

function fileOf(name: string, entry: string | URL): string {
  const url = entry instanceof URL || entry.startsWith("file:");
  const file = url ? fileURLToPath(entry) : resolve(entry);
  if (existsSync(file) && statSync(file).isFile()) return file;
  throw invalid(
    `${name}: entry has to be the file whose default export is the job, but there is no file ${file}. Paths are taken from the current directory; new URL("./job.ts", import.meta.url) from the file that says so.`,
  );
}

export interface WorkDefaults {
  readonly minutes: number;
  readonly concurrency: number;
}

/** Throws `JOB_INVALID`; `where` is said first. */
export function parseWork(where: string, given: WorkProps, defaults: WorkDefaults): WorkSettings {
  const timeout = given.timeout ?? Duration.minutes(defaults.minutes);
  const timeoutS = timeout.toSeconds();
  wholeNumber(timeoutS, `${where}: timeout (in seconds)`, TIMEOUT_S, 0);
  const visibility = given.visibilityTimeout ?? visibilityFor(timeout);
  const seconds = visibility.toSeconds();
  if (seconds < timeoutS || seconds > MAX_VISIBILITY_S) {
    throw invalid(
      `${where}: visibilityTimeout has to be from the timeout, ${timeoutS} s, to 12 hours, but is ${seconds} s: messages would come back while they are worked on.`,
    );
  }
  return {
    memory: wholeNumber(given.memory, `${where}: memory (in MB)`, MEMORY_MB, 1024),
    timeout,
    concurrency: wholeNumber(given.concurrency, `${where}: concurrency`, CONCURRENCY, defaults.concurrency),
    visibility,
  };
}
