/** Finds the batch that a caller names: by its id, by an unambiguous beginning of it, or the latest one. */
import { allBatches } from "../../batch/list.ts";
import type { BatchRecord } from "../../batch/list.ts";
import { readBatch } from "../../batch/spec.ts";
import { NO_PACE } from "../../batch/summary/pace.ts";
import { lookedAt, summarizeOwned } from "../../batch/summary/summary.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import { batchIn, batchKey } from "../../core/records/batch/batch.ts";
import { ambiguous, LATEST } from "../../door/named-batch.ts";
import { workedOnIn } from "../../local/directory/lock.ts";
import type { Ledger } from "../../ports.ts";
import { locateIn, readDirectory } from "../directory-files.ts";

type BatchLedger = Pick<Ledger, "read" | "list">;

/** Throws `BATCH_UNKNOWN`, and `USAGE` for a beginning that several batches have. */
export async function pickBatch(ledger: BatchLedger, named: string, directory: string): Promise<BatchRecord> {
  if (named === LATEST) return latest(ledger, directory);
  const id = named.toUpperCase();
  const exact = await readBatch(ledger, id);
  if (exact) return { batch: id, fields: exact };
  const [first, second] = id === "" ? [] : await ledger.list(batchKey(id), null, 2);
  if (first && second) throw ambiguous(named);
  if (first) return { batch: batchIn(first.key) ?? first.key, fields: first.fields };
  throw new FanjoinError("BATCH_UNKNOWN", `there is no batch ${named} in ${directory}`);
}

async function latest(ledger: BatchLedger, directory: string): Promise<BatchRecord> {
  for await (const batch of allBatches(ledger, { descending: true })) return batch;
  throw new FanjoinError("BATCH_UNKNOWN", `there is no batch in ${directory}`);
}

/** The batch as it is committed now. Throws the errors of `pickBatch`. */
export function currentSummary(named: string, directory: string): Promise<BatchSummary> {
  const isWorkedOn = workedOnIn(directory);
  return readDirectory(directory, async (ledger) => {
    const record = await pickBatch(ledger, named, directory);
    const summary = await summarizeOwned(ledger, record, locateIn(directory), isWorkedOn);
    return lookedAt(summary, record.fields, { now: Date.now(), pace: NO_PACE, details: true });
  });
}
