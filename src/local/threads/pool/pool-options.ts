/** What a pool of threads is made from, and what it does. */
import type { LimitsHost } from "../thread-limits.ts";
import type { Json } from "../../../core/json/json.ts";
import type { DescribedJob } from "../../../job/describe-job.ts";
import type { ThreadRunner } from "./thread-runner.ts";
import type { Answer, SettledChunk } from "../thread-messages.ts";

export interface ThreadPoolOptions {
  readonly jobFile: string;
  readonly directory: string;
  /** The most threads. */
  readonly count: number;
  /** Only the first thread starts at once, and each other one when work has waited a moment for it. */
  readonly onDemand?: boolean | undefined;
  /** Unique for this start of the engine. */
  readonly segmentPrefix: string;
  /** In a process of their own, whose death is evidence. */
  readonly inChild?: true;
  /** The description comes with schemas. */
  readonly schemas?: true;
  /** Items are only read and validated. */
  readonly dryRun?: boolean | undefined;
  /** Whether nothing waits for a thread, and nothing more is planned. Absent: no chunk is cut. */
  readonly isTail?: (() => boolean) | undefined;
  /** How long a thread may be silent that ought to answer; a minute by default. */
  readonly silentMs?: number;
  /** How long the job's `setup` may take; a minute by default. */
  readonly setupTimeoutMs?: number;
  /** Files that replies name: they have to be on disk before a commit does. */
  readonly onFiles: (files: readonly string[]) => void;
  readonly onLog: (entry: Extract<Answer, { type: "log" }>) => void;
  /** Absent: threads keep no limits. */
  readonly limits?: LimitsHost | undefined;
}

export interface ThreadPool extends ThreadRunner {
  /** Resolves with the job's description once the first thread has loaded it. Rejects with `JOB_INVALID`. */
  readonly job: Promise<DescribedJob>;
  /** Throws `JOB_INVALID` if the job's own schema refuses `params`. */
  checkParams(params: Json): Promise<void>;
  /** Ends a thread that has work, and blames nobody. False if none has. */
  killBusy(reason: string): boolean;
  /** Interrupts the running work. A thread that does not stop within `graceMs` is replaced. */
  interrupt(graceMs: number): void;
  /** From now on so many threads: those that are too many end once they have nothing to do. */
  resize(count: number): void;
  /** How many items are in `process` now, by the number of the thread. */
  itemsInProcess(): ReadonlyMap<number, number>;
  /** How many threads have nothing to do, or would start if there were something. */
  idle(): number;
  /** Stops attempts at chunks that are settled by now. */
  overtake(chunks: readonly SettledChunk[]): void;
  /** Whether the job's `setup` has made something in a thread, which `close` ends. */
  isSetUp(): boolean;
  close(): Promise<void>;
}
