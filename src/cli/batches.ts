/** The batches of a directory on this machine, or of a stack. Commands see only this interface. */
import type { BatchFileName } from "../batch/files.ts";
import type { BatchSummary } from "../batch/summary.ts";
import type { RedriveFilter } from "../core/redrive-filter.ts";
import type { ConcurrencyOption, OutcomeOptions } from "./common-options.ts";
import type { ExitCode } from "./exit-codes.ts";

/** Reads one of a batch's files that its summary names. */
export type ReadFile = (batch: string, file: BatchFileName) => AsyncIterable<Uint8Array>;

/** `--job`: the file of the job that runs here, in place of the recorded one. */
export interface JobOption {
  readonly job?: string;
}

export type WorkOptions = OutcomeOptions & ConcurrencyOption & JobOption;

export interface Batches {
  /** As messages name it: `in .fanjoin`, `on the stack sales`. */
  readonly where: string;
  /** The batch as it is now, by its id or a unique prefix of it. Throws `BATCH_UNKNOWN`, `USAGE`. */
  find(prefix: string): Promise<BatchSummary>;
  /** Newest first. */
  list(): AsyncIterable<BatchSummary>;
  readonly read: ReadFile;
  /** Asks a batch to end and waits for that. The summary has no `endedAt` if it takes too long. */
  cancel(batch: string, options: JobOption): Promise<BatchSummary>;
  /** Runs the failed items again and follows the batch to its end. */
  redrive(batch: BatchSummary, filter: RedriveFilter | null, options: WorkOptions): Promise<ExitCode>;
  /** Continues a batch, by default the latest unfinished one (else the latest), and follows it to its end. */
  resume(prefix: string | undefined, options: WorkOptions): Promise<ExitCode>;
  /** Whether a process or a stack works on these batches. */
  isWorkedOn(): boolean;
  /** A `fanjoin` command line for these batches, to be pasted into the same shell. */
  command(rest: string): string;
  /** The command that continues a batch. */
  resumeCommand(batch: string): Promise<string>;
  /** Ends open connections. */
  close(): void;
}
