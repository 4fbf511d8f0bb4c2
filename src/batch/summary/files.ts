/** The files of a batch: how they are called for users, and how its record lists them. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { FailureSummary } from "../../core/failures/failure-summary.ts";
import type { Json } from "../../core/json/json.ts";
import type { Fields } from "../../core/records/record.ts";

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
  /** `files`: they are by key. Then this is the list of their files, which are in the folder of its name. */
  readonly outputs:
    | (StoredFile & { readonly files?: { readonly count: number; readonly bytes: number } })
    | null;
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

/** The name of a file of outputs by key. It comes from outside, and becomes a part of a path. */
export function isOutputFileName(name: string): boolean {
  return /^[A-Za-z0-9_%-][A-Za-z0-9._%~-]*=[A-Za-z0-9._%~-]+$/.test(name) && name.length <= 255;
}

export function noOutputFile(batch: string, name: string): FanjoinError {
  return new FanjoinError(
    "RESULT_UNKNOWN",
    `batch ${batch} has no file ${JSON.stringify(name)} among its outputs: their list names those there are`,
  );
}

/** The folder of the files of outputs by key, by the name of their list. */
export function outputsFolderOf(list: string): string {
  return list.replace(/\.jsonl$/, "");
}
