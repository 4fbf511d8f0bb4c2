/** The embedded engine: pumps messages through the steps on one machine, durably. */
import type { Chaos } from "./running/chaos.ts";
import type { SeenNow } from "./history/histories.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Settings } from "../../core/records/batch/settings.ts";
import type { Json } from "../../core/json/json.ts";
import type { Totals } from "../../core/records/totals.ts";
import type { InputObjects, Ledger, Queue, Tracer } from "../../ports.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import type { RedriveFilter } from "../../core/failures/redrive-filter.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import type { StoreInput } from "../../batch/job-input.ts";
import type { BatchPace } from "../../batch/summary/pace.ts";
import type { Progress } from "../../batch/summary/progress.ts";
import type { Commits } from "../sqlite/commits.ts";
import type { LeftNews } from "./end-news.ts";

export interface EngineOptions {
  /** The state directory, e.g. `.fanjoin`; made if it is missing. */
  readonly directory: string;
  /** Chunks at once: the number of threads. */
  readonly concurrency: number;
  /** `full` (the default) survives a power cut, `normal` the death of the process. */
  readonly synchronous?: "full" | "normal";
  /**
   * How long the parts of a batch that succeeded wholly are kept for readers of its outputs. Ten minutes by
   * default.
   */
  readonly partsMs?: number;
  /** Items are only read and validated: neither `process` nor a join runs. */
  readonly dryRun?: boolean | undefined;
  /** Its batches are only tried: nobody is told of their end. */
  readonly isTrial?: boolean | undefined;
  /** Where the objects of submissions by a prefix or manifest are. */
  readonly objects?: InputObjects | undefined;
  /** Receives the log of users' jobs. */
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  /** Absent: there are no traces. */
  readonly tracer?: Tracer | undefined;
  /** Disturbs the work of threads. */
  readonly chaos?: Chaos | undefined;
}

/** What a job wrote to its log. */
export interface LogEntry {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: unknown;
}

/** A job as its file describes it. */
export interface JobDescription extends DescribedJob {
  readonly file: string;
}

export interface Engine {
  readonly ledger: Ledger;
  /** Accepts messages for the coordinator; `claimToken` and `submit` want it. */
  readonly queue: Queue;
  /**
   * Loads a job file in its threads, and checks `params` by the job's schema. `onDemand`: most threads start
   * only once there is work for them. Throws `JOB_INVALID`.
   */
  load(file: string, params?: Json, options?: { readonly onDemand?: boolean }): Promise<JobDescription>;
  /**
   * The same with the job's schemas, without starting the threads that run it; `params` are checked if they
   * are given. Throws `JOB_INVALID`.
   */
  describe(file: string, params?: Json): Promise<JobDescription>;
  /**
   * Loads the job file anew for later batches. False, and nothing changes, while a batch of the job runs.
   */
  reload(file: string): Promise<boolean>;
  readonly storeInput: StoreInput;
  /** Durable when it resolves. */
  submit(spec: BatchSpec): Promise<void>;
  /**
   * Goes on with an unfinished batch of this directory, and with a paused one: false if it was not paused.
   * Throws `BATCH_UNKNOWN`, `INPUT_CHANGED`, `INPUT_NOT_FOUND`.
   */
  resume(batch: string): Promise<boolean>;
  /** The same, but a paused batch stays paused. */
  takeUp(batch: string): Promise<void>;
  /**
   * Runs the failed items of an ended batch again; false if there are none. Durable when it resolves.
   * Its job has to be loaded before. Throws as `redrive` of the steps, `INPUT_CHANGED`, `INPUT_NOT_FOUND`.
   */
  redrive(batch: string, filter: RedriveFilter | null): Promise<boolean>;
  /** False if it has ended or was asked to end before. */
  cancel(batch: string): Promise<boolean>;
  /**
   * Begins no further chunk of a batch, until `resume`. False if it is paused, is to end or has ended.
   * Durable when it resolves. Throws `BATCH_UNKNOWN`.
   */
  pause(batch: string): Promise<boolean>;
  /**
   * Changes checked settings of a batch. Throws `BATCH_UNKNOWN`, `BATCH_NOT_READY` for one that has ended.
   */
  set(batch: string, settings: Settings): Promise<void>;
  /**
   * Resolves with the batch's record once it has ended, durably, with its files published. Rejects if the
   * engine failed.
   */
  finished(batch: string): Promise<Fields>;
  /** Whether the engine works on a batch that has not ended; one of an earlier start waits for `resume`. */
  isWorkedOn(batch: string): boolean;
  /**
   * Removes a batch that has ended, with all of its records and files; its idempotency token is free again.
   * Throws `BATCH_UNKNOWN`, `BATCH_NOT_READY`, and `DIRECTORY_UNUSABLE` where a file cannot be removed: the
   * batch is gone even so, and the next owner of the directory tries again.
   */
  remove(batch: string): Promise<void>;
  /** Keeps the parts of a batch for a reader of its outputs, until what it returns is called. */
  hold(batch: string): () => void;
  progress(batch: string): Progress & { readonly totals: Totals };
  /** How fast a batch works that this engine works on; `null` for others. */
  pace(batch: string): BatchPace | null;
  /** What there is to see of a batch that this engine works on; `null` for others. */
  seen(batch: string): SeenNow | null;
  /** Resolves once everything that was written before is durable. */
  committed(): Promise<void>;
  /**
   * Tells of the ends of batches for so long at most, and returns what is left to tell then. Nothing while a
   * batch is unended: this process was interrupted.
   */
  told(forMs: number): Promise<readonly LeftNews[]>;
  /** The commits so far: a reader of committed records can wait for the next one. */
  readonly commits: Commits;
  /** Stops cleanly: running work is interrupted, nothing is lost, the directory is free. */
  stop(): Promise<void>;
}
