/**
 * Gives the files of an ended batch the names that users know, after the commit that names them. A later
 * start repairs the work of one that crashed.
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { batchIn, hasEnded } from "../../core/records/batch.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Ledger } from "../../ports.ts";
import { allBatches } from "../../batch/list.ts";
import type { BatchFileName, BatchFiles } from "../../batch/files.ts";

export function publish(directory: string, batch: string, fields: Fields): void {
  const files = fields["result"] as unknown as BatchFiles | null;
  if (!files) return;
  publishFile(directory, files.result, batchFile(directory, batch, "result.json"));
  publishFile(directory, files.outputs, batchFile(directory, batch, "outputs.jsonl"));
  publishFile(directory, files.failed, batchFile(directory, batch, "failed.jsonl"));
}

/**
 * Publishes the files of the batch whose record is at `key`, if that is an ended batch: a reported result can
 * then be found.
 */
export function publishIfEnded(directory: string, key: string, fields: Fields | null): void {
  const batch = batchIn(key);
  if (fields && batch !== null && hasEnded(fields)) publish(directory, batch, fields);
}

function publishFile(directory: string, file: { readonly name: string } | null, path: string): void {
  // A redrive's files are complete: delete those it did not produce (e.g. failed.jsonl).
  if (!file) return rmSync(path, { force: true });
  const written = join(directory, file.name);
  // It is nearly always published already, and a check is cheaper than a failure.
  if (!existsSync(written)) return;
  try {
    renameSync(written, path);
  } catch (error) {
    // Another process publishes it at this moment.
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

export async function repair(directory: string, ledger: Pick<Ledger, "list">): Promise<void> {
  for await (const { batch, fields } of allBatches(ledger)) {
    if (hasEnded(fields)) publish(directory, batch, fields);
  }
}

/** Where a batch's file is on disk. */
export function batchFile(directory: string, batch: string, file: BatchFileName): string {
  return join(directory, "batches", batch, file);
}
