/**
 * Batches, wherever they are: in a directory of this machine, or on a deployed stack. The commands know no
 * more of either.
 */
import type { RedriveFilter } from "../core/redrive-filter.ts";
import type { BatchSummary } from "../batch/summary.ts";
import type { BatchFile } from "../batch/files.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { ConcurrencyOption, OutcomeOptions } from "./options.ts";

/** The bytes of a batch's file, which its summary names. */
export type ReadFile = (batch: string, file: BatchFile) => AsyncIterable<Uint8Array>;

export type WorkOptions = OutcomeOptions & ConcurrencyOption;

export interface Batches {
  /** As it is called in messages: `in .fanjoin`, `on the stack sales`. */
  readonly where: string;
  /** A batch as it is now, by its id or by a beginning that no other has. Throws `BATCH_UNKNOWN`, `USAGE`. */
  find(given: string): Promise<BatchSummary>;
  /** The newest first. */
  list(): AsyncIterable<BatchSummary>;
  readonly read: ReadFile;
  /** Asks a batch to end, and says what became of it after a while. */
  cancel(batch: string): Promise<BatchSummary>;
  /** Does what failed again, stays until the end and tells what became of it. */
  redrive(batch: BatchSummary, filter: RedriveFilter | null, options: WorkOptions): Promise<ExitCode>;
  /** Goes on with a batch, or with the latest that has not ended, as `redrive` does. */
  resume(given: string | undefined, options: WorkOptions): Promise<ExitCode>;
  /** Whether anybody works on batches here. */
  isWorkedOn(): boolean;
  /** The words that make `fanjoin` do something here, as they can be pasted into the same shell. */
  command(rest: string): string;
  /** Lets go of whatever is under way. */
  close(): void;
}
