/** The exit codes. Scripts rely on them: they do not change. */
import type { BatchState } from "../core/records/batch/batch.ts";

export const EXIT = {
  /** Every item succeeded. */
  succeeded: 0,
  /** The batch finished, and some items failed. */
  itemsFailed: 1,
  /** The command or the job is wrong. Nothing was started. */
  wrong: 2,
  /** The batch itself failed, or was cancelled. */
  batchFailed: 3,
  /** 128 + SIGINT, as in shells: interrupted, can be resumed. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(state: BatchState): ExitCode {
  switch (state) {
    case "succeeded":
      return EXIT.succeeded;
    case "completed-with-failures":
      return EXIT.itemsFailed;
    case "failed":
    case "cancelled":
      return EXIT.batchFailed;
    case "planning":
    case "running":
    case "paused":
    case "interrupted":
    case "cancelling":
      return EXIT.interrupted;
  }
}

export const EXIT_CODES_HELP = `Exit codes:
  0    every item succeeded
  1    finished, some items failed (they are listed)
  2    the command or the job is wrong, nothing was started
  3    the batch itself failed or was cancelled
  130  interrupted, resumable (the resume command is printed)`;
