/** The properties of a deployed job: defaults and checks. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Duration } from "aws-cdk-lib";
import type { BundleProps } from "./resources/bundle.ts";
import { duration, invalid, wholeNumber } from "./resources/check-props.ts";
import type { ScheduleProps } from "./resources/schedules.ts";
import { visibilityFor } from "./resources/queues.ts";

/**
 * How chunks reach the workers: through a queue, or by direct invocations, which start faster and have no
 * limit of their own.
 */
export type Transport = "sqs" | "invoke";

/** The size of a function that consumes a queue. */
export interface WorkProps {
  /** Memory in MB, 1024 by default. From 1769 MB on, a function has one whole processor. */
  readonly memory?: number | undefined;
  /**
   * The longest duration of an invocation: by default 5 minutes for workers, 15 for joins and the
   * coordinator.
   */
  readonly timeout?: Duration | undefined;
  /** The most invocations at once: by default 100 for workers, 20 for joins and the coordinator. */
  readonly concurrency?: number | undefined;
  /**
   * The time after which the message of a function that died is delivered again: by default `timeout` + 30 s.
   */
  readonly visibilityTimeout?: Duration | undefined;
}

/** The properties of `addJob`: the job's file, and the size of its worker. */
export interface JobProps extends Omit<WorkProps, "memory">, BundleProps {
  /**
   * Memory in MB, 1024 by default. Of two sizes, such as `[1024, 3008]`, the second is that of another
   * worker, which gets the chunks at which an attempt has died: they may have lacked memory.
   */
  readonly memory?: number | readonly [number, number] | undefined;
  /**
   * The file whose default export is the job: a path relative to the current directory, or a URL such as `new
   * URL("./sales.ts", import.meta.url)`.
   */
  readonly entry: string | URL;
  /**
   * `sqs` by default. With `invoke`, `concurrency` is reserved for the worker from the account's concurrency;
   * without `concurrency`, only the account's limit applies.
   */
  readonly transport?: Transport | undefined;
  /**
   * Environment variables for `process` and `join`. Names that begin with `FANJOIN_` are reserved, but for
   * `FANJOIN_WEBHOOK_SECRET`, which signs webhooks of `onEnd`.
   */
  readonly environment?: { readonly [name: string]: string } | undefined;
  /**
   * When batches start by themselves: five fields in UTC such as `"0 3 * * *"`, or the same with params, an
   * input, and what happens while the last batch runs. By default as the job's file says, if its syntax shows
   * it; `null`: not at all.
   */
  readonly schedule?: string | ScheduleProps | null | undefined;
  /** The size of the job's join function, which also runs its generator. */
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
  /** The memory of the larger worker in MB; `null`: there is none. */
  readonly larger: number | null;
  /** Reserved concurrency of direct invocations; `null`: only the account's limit applies. */
  readonly reserved: number | null;
  readonly join: WorkSettings;
  readonly bundling: BundleProps;
}

/** The rule of `defineJob`: the names of functions and queues contain the job's name. */
const NAME = /^[a-z][a-z0-9-]{0,62}$/;
/** The variable of `src/webhooks/webhook-channels.ts`. */
const WEBHOOK_SECRET = "FANJOIN_WEBHOOK_SECRET";
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

function checkJobName(name: string): void {
  if (NAME.test(name)) return;
  throw invalid(
    `A job's name has to be 1 to 63 lower-case letters, digits and dashes, beginning with a letter, but is ${JSON.stringify(name)}.`,
  );
}

/** Fills in the defaults. Throws `JOB_INVALID` for the first invalid property. */
export function parseJob(name: string, props: JobProps): JobSettings {
  checkJobName(name);
  const { transport = "sqs", environment = {}, join, external, define } = props;
  if (!TRANSPORTS.includes(transport)) {
    throw invalid(`${name}: transport has to be "sqs" or "invoke", but is ${JSON.stringify(transport)}.`);
  }
  const reservedName = Object.keys(environment).find(
    (variable) => variable.startsWith("FANJOIN_") && variable !== WEBHOOK_SECRET,
  );
  if (reservedName !== undefined) {
    throw invalid(
      `${name}: environment may not set ${reservedName}: names that begin with FANJOIN_ are reserved.`,
    );
  }
  const [memory, larger] = memoriesOf(name, props.memory);
  return {
    file: fileOf(name, props.entry),
    transport,
    environment,
    worker: parseWork(name, { ...props, memory }, WORKER),
    larger,
    reserved: transport === "invoke" ? (props.concurrency ?? null) : null,
    join: parseWork(`${name}: join`, join ?? {}, JOIN),
    bundling: { external, define },
  };
}

/** The memory of the worker, as it was given, and that of its larger twin. */
function memoriesOf(name: string, memory: JobProps["memory"]): [number | undefined, number | null] {
  if (!Array.isArray(memory)) return [memory as number | undefined, null];
  const [least, most, ...more] = memory as readonly number[];
  const larger = wholeNumber(most, `${name}: memory[1] (in MB)`, MEMORY_MB, null);
  if (larger === null || more.length > 0 || !(Number(least) < larger)) {
    throw invalid(
      `${name}: memory has to be a number of MB or two of them, the smaller one first, but is ${JSON.stringify(memory)}.`,
    );
  }
  return [least, larger];
}

function fileOf(name: string, entry: string | URL): string {
  const url = entry instanceof URL || entry.startsWith("file:");
  const file = url ? fileURLToPath(entry) : resolve(entry);
  if (existsSync(file) && statSync(file).isFile()) return file;
  throw invalid(
    `${name}: entry has to be the file whose default export is the job, but there is no file ${file}. A path is relative to the current directory. For a path relative to your own file, use new URL("./job.ts", import.meta.url).`,
  );
}

export interface WorkDefaults {
  readonly minutes: number;
  readonly concurrency: number;
}

/** Fills in the defaults. Throws `JOB_INVALID`; the message begins with `subject`. */
export function parseWork(subject: string, props: WorkProps, defaults: WorkDefaults): WorkSettings {
  const timeout = duration(props.timeout, `${subject}: timeout`, Duration.minutes(defaults.minutes));
  const timeoutS = timeout.toSeconds();
  wholeNumber(timeoutS, `${subject}: timeout (in seconds)`, TIMEOUT_S, 0);
  const visibility = duration(
    props.visibilityTimeout,
    `${subject}: visibilityTimeout`,
    visibilityFor(timeout),
  );
  const seconds = visibility.toSeconds();
  if (seconds < timeoutS || seconds > MAX_VISIBILITY_S) {
    throw invalid(
      `${subject}: visibilityTimeout has to be from ${timeoutS} s (the timeout) to 12 hours, but is ${seconds} s. With less than the timeout, messages would be delivered again while they are processed.`,
    );
  }
  return {
    memory: wholeNumber(props.memory, `${subject}: memory (in MB)`, MEMORY_MB, 1024),
    timeout,
    concurrency: wholeNumber(props.concurrency, `${subject}: concurrency`, CONCURRENCY, defaults.concurrency),
    visibility,
  };
}
