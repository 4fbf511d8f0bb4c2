/** What both doors give to programs: `open()` of `fanjoin/local`, and `connect()` of `fanjoin/client`. */
import type { BatchFileName } from "../batch/summary/files.ts";
import type { Progress } from "../batch/summary/progress.ts";
import type { PulledBatch, PulledChunk, PulledSource } from "../batch/pulled/pulled-chunk.ts";
import type { BatchSummary } from "../batch/summary/summary.ts";
import type { BatchState } from "../core/records/batch/batch.ts";
import type { RedriveForecast } from "../batch/steering/redrive-forecast.ts";
import type { FailedLine } from "../core/failures/failed-line.ts";
import type { Json } from "../core/json/json.ts";
import type { Settings } from "../core/records/batch/settings.ts";
import type { RedriveFilter } from "../core/failures/redrive-filter.ts";
import type { Job, JoinedOf } from "../job/job.ts";
import type { OutputPage, OutputsOptions } from "./output-pages.ts";

/** The batches of a state directory, or of a stack. `await using` closes it at the end of its block. */
export interface Fanjoin extends AsyncDisposable {
  /** As messages name it: `in .fanjoin`, `on the stack sales`. */
  readonly where: string;
  /**
   * Starts a batch. `job`: here a job file, by path or URL; on a stack the name of a deployed job. With the
   * `id` of an earlier submission, the batch of that one. Throws `FanjoinError`: `JOB_INVALID`,
   * `JOB_UNKNOWN`, `INPUT_NOT_FOUND`, `INPUT_INVALID`, `BATCH_CONFLICT`, `USAGE` and others of the table.
   */
  submit<AnyJob extends Job = Job>(job: string | URL, options?: SubmitOptions): Promise<Batch<AnyJob>>;
  /**
   * The batch with this id, or with this unambiguous beginning of an id; `latest` is the newest one. Throws
   * `BATCH_UNKNOWN`, and `USAGE` if several ids begin so.
   */
  batch<AnyJob extends Job = Job>(id: string): Promise<Batch<AnyJob>>;
  /** Newest first. Throws `JOB_UNKNOWN` for a job that a stack does not have. */
  list(options?: ListBatches): AsyncIterable<BatchSummary>;
  /** Whether a process or a stack works on these batches. */
  isWorkedOn(): boolean;
  /**
   * Stops cleanly. Batches that this process runs stay as they are and can be resumed; nothing is lost. If
   * all have ended, webhooks (`onEnd`) are tried for up to 30 seconds. What a batch is can still be read
   * afterwards.
   */
  close(): Promise<void>;
}

/** Which batches are listed. Default: all. */
export interface ListBatches {
  /** The name of a job. */
  readonly job?: string | undefined;
  /** Or several: batches in one of these. */
  readonly state?: BatchState | readonly BatchState[] | undefined;
}

/** An input that is made or received by the program itself. It is copied first, so that it can be resumed. */
export interface InputStream {
  /** As failed items name it. */
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** An input that was found, before it is read. */
export interface FoundInput {
  /** A `file:` or `s3:` URL. */
  readonly url: string;
  /** As the caller named it. */
  readonly label: string;
}

/** Sees the uploads of one submission. */
export interface UploadWatcher {
  /** Adds sent bytes. A negative number takes back bytes that have to be sent again. */
  sent(bytes: number): void;
  /** May be called twice; then the first call counts. */
  end(isWhole: boolean): void;
}

/** Called before the files are uploaded. */
export type WatchUploads = (
  files: readonly { readonly label: string; readonly bytes: number }[],
) => UploadWatcher;

/**
 * Receives a sentence for people: what is left out of an input, which job file is loaded and that it takes
 * long, for whom this process waits, whether the code is the one that a pulled batch ran with, and who could
 * not be told of the end of a batch.
 */
export type OnNotice = (line: string, kind: "left-out" | "loading" | "waiting" | "code" | "news") => void;

/** Options of a new batch. */
export interface SubmitOptions {
  /**
   * Files, directories, globs, `s3://` URLs, streams and `File` or `Blob` objects; or the items themselves.
   * Absent for a job that brings its own input. Browsers know no paths.
   */
  readonly input?:
    | readonly (string | URL | InputStream | Blob)[]
    | { readonly items: readonly Json[] }
    | undefined;
  readonly params?: Json | undefined;
  /** The idempotency token: the same token with the same input is the same batch. */
  readonly id?: string | undefined;
  /**
   * Runs only the first so many items of the input, in input order. It is a part of what the idempotency
   * token stands for. Default: all items.
   */
  readonly maxItems?: number | undefined;
  /**
   * On a stack only: the batch ends as failed (`COST_EXCEEDED`) once it has cost more dollars, with what is
   * done. Work in flight then may cost more. Default: no limit.
   */
  readonly maxCostUsd?: number | undefined;
  /**
   * Here only: a directory that `fanjoin pull` wrote. Its items run with the positions that they had, and
   * with the params of their batch. Without `input`, `params`, `id` and `chunk`.
   */
  readonly pulled?: string | undefined;
  /** The size of a chunk, in items or bytes. Default: learned. */
  readonly chunk?: { readonly items?: number | undefined; readonly bytes?: number | undefined } | undefined;
  /** Cancels the batch, also while its input is still read or uploaded. */
  readonly signal?: AbortSignal | undefined;
  /** Here: called once the job is loaded. If it throws, nothing is started. */
  readonly onJob?: ((job: SubmittedJob) => void) | undefined;
  /** Called once the input was found. If it throws, nothing is started. */
  readonly onInputs?: ((inputs: readonly FoundInput[]) => void) | undefined;
  /** Called before the batch is submitted, after its input was read or uploaded. */
  readonly onSubmit?: (() => void) | undefined;
}

/** How a batch that ended came out. */
export interface EndedBatch<AnyJob extends Job = Job> extends Omit<BatchSummary, "result"> {
  /** What the job's join made; `null` if the batch has no result, see `state` and `error`. */
  readonly result: JoinedOf<AnyJob> | null;
}

/** What `onJob` is told. */
export interface SubmittedJob {
  readonly name: string;
  /** The job collects. */
  readonly outputs: boolean;
  /** It collects by key. */
  readonly byKey?: boolean | undefined;
}

/** The type of what a batch outputs. With `collect({ flat: true })` the parts of an array are outputs. */
export type OutputOf<AnyJob extends Job> =
  AnyJob extends Job<infer _Raw, infer _Item, infer Value, infer _Result, infer _Params>
    ? Value extends readonly (infer Part)[]
      ? Part | Value
      : Value
    : never;

/** How far a batch is. */
export interface Seen extends Progress {
  /** The batch at that moment, where it is polled. */
  readonly summary?: BatchSummary | undefined;
}

/** Options of waiting for a batch. */
export interface FollowOptions {
  /** Ends the wait, not the batch: the reason of the signal is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of going on with a batch. */
export interface ContinueOptions {
  /**
   * Here: the job file to run, in place of the recorded one. Needed where that is outside of the working
   * directory (`USAGE` otherwise): whoever made the state directory may have chosen it.
   */
  readonly job?: string | URL | undefined;
}

/** Options of running failed items again. */
export interface RedriveOptions extends ContinueOptions {
  /** Which failed items are run again. Default: all. */
  readonly filter?: RedriveFilter | null | undefined;
}

/** The chunks to pull: one by its number, or all that have failed items. */
export type PullOptions = { readonly chunk: number } | { readonly failed: true };

/** A pulled chunk, and how to read its text. */
export interface PulledPart extends PulledChunk {
  readonly read: () => AsyncIterable<Uint8Array>;
}

/** Some of the chunks that are pulled. The first page may be the only one, and any page may be empty. */
export interface PulledPage {
  readonly of: PulledBatch;
  /** The sources of these chunks. */
  readonly sources: readonly PulledSource[];
  readonly chunks: readonly PulledPart[];
}

/** One batch. It is looked at anew by every call. */
export interface Batch<AnyJob extends Job = Job> {
  readonly id: string;
  /** The name of its job. */
  readonly job: string;
  summary(): Promise<BatchSummary>;
  /** How far it is, several times a second, until it ends. Nothing if nobody works on it. */
  progress(options?: FollowOptions): AsyncIterable<Seen>;
  /**
   * Resolves when the batch ends, however it ends: `state` says it. Throws `BATCH_NOT_READY` if nobody works
   * on it any more: `resume` goes on.
   */
  ended(options?: FollowOptions): Promise<EndedBatch<AnyJob>>;
  /**
   * The values that `process` returned, of a job that collects: while the batch runs, until it ends, each
   * once. Only values that are durable come. Reads no further ahead than a page. Throws `RESULT_UNKNOWN` for
   * a job that does not collect, and `BATCH_NOT_READY` if nobody works on the batch any more.
   */
  outputs(options?: OutputsOptions): AsyncIterable<OutputOf<AnyJob>>;
  /** The same as JSON lines, in pages with cursors. */
  outputPages(options?: OutputsOptions): AsyncIterable<OutputPage>;
  /** The failed items, in input order, of a batch that ended. */
  failed(): AsyncIterable<FailedLine>;
  /** The bytes of one of its files; none if the batch does not have it. */
  read(file: BatchFileName): AsyncIterable<Uint8Array>;
  /**
   * The bytes of a file of outputs by key (`collect({ by })`); `outputs.jsonl` lists them. Throws
   * `RESULT_UNKNOWN` if there is none of this name.
   */
  readOutputFile(file: string): AsyncIterable<Uint8Array>;
  /** Ends it early, joins what is there, and waits for that. `endedAt` is `null` if that takes too long. */
  cancel(options?: ContinueOptions): Promise<BatchSummary>;
  /** Runs failed items again. False: there are none. Throws `BATCH_NOT_READY` for a batch that runs. */
  redrive(options?: RedriveOptions): Promise<boolean>;
  /** What a redrive would do, without doing it. Throws `BATCH_NOT_READY` for a batch that runs. */
  redriveForecast(filter?: RedriveFilter | null): Promise<RedriveForecast>;
  /**
   * What runs chunks of an ended batch elsewhere: their ranges of the input, positions, params and settings.
   * Throws `BATCH_NOT_READY` for a batch that runs, `REQUEST_INVALID` for a chunk that it does not have,
   * `INPUT_NOT_FOUND` and `INPUT_CHANGED`. Read a page before the next one is asked for: URLs expire.
   */
  pull(options: PullOptions): AsyncIterable<PulledPage>;
  /**
   * Begins no further chunk until `resume`: running chunks end, and the deadline stands still. Nothing
   * changes if the batch is paused already, is to end or has ended.
   */
  pause(): Promise<BatchSummary>;
  /**
   * Changes how a batch runs: `inFlight` and `perSecond`, and here `threads` and `priority`, too. Throws
   * `REQUEST_INVALID`, which says why, and `BATCH_NOT_READY` for a batch that has ended.
   */
  set(settings: Settings): Promise<BatchSummary>;
  /**
   * Goes on with a paused or interrupted batch. A stack goes on with an interrupted one by itself. Here, a
   * paused batch that another process works on goes on there.
   */
  resume(options?: ContinueOptions): Promise<void>;
  /** The bytes that its removal gives back. Of a stack: those of result and outputs. */
  bytes(): Promise<number>;
  /**
   * Removes a batch that has ended, for good: its results, kept copies of its input, its idempotency token.
   * Throws `BATCH_NOT_READY` for one that has not ended, `DIRECTORY_IN_USE`.
   */
  remove(): Promise<void>;
}
