/** The files of a batch: how they are called for users, and how its record lists them. */
import type { FailureSummary } from "../core/failures/failure-summary.ts";
import type { Json } from "../core/json/json.ts";
import type { Fields } from "../core/records/record.ts";

export type BatchFileName = "result.json" | "outputs.jsonl" | "failed.jsonl";

/**
 * Says where users find a file of a batch: a path on a machine, a URL elsewhere. `stored` is the name of its
 * object in the store.
 */
export type LocateFile = (batch: string, file: BatchFileName, stored: string) => string;

/** A file of an ended batch. `name` is its object's name in the store, `bytes` its size. */
type StoredFile = {
  readonly name: string;
  readonly bytes: number;
};

/**
 * The files of an ended batch, as its record has them (`result`). `null`: there is no such file. A small
 * result is also in the record, as `value`, and so are the groups of failed items, as `failures`. A batch
 * that an older fanjoin ended has no groups.
 */
export interface BatchFiles {
  readonly result: (StoredFile & { readonly value?: Json }) | null;
  readonly outputs: StoredFile | null;
  readonly failed: (StoredFile & { readonly failures?: FailureSummary }) | null;
}

/** The files that the record of a batch lists; `null` if it has not ended, or has none. */
export function filesOf({ result }: Fields): BatchFiles | null {
  return (result ?? null) as unknown as BatchFiles | null;
}

/** The last part of the URL of each file. */
export const FILE_PATHS = {
  "result.json": "result",
  "outputs.jsonl": "outputs",
  "failed.jsonl": "failed",
} as const satisfies Record<BatchFileName, string>;
