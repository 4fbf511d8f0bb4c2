/**
 * Finds the batch that a command names: by its id, by a unique prefix of it, or the latest one.
 */
import { allBatches } from "../../batch/list.ts";
import type { BatchRecord } from "../../batch/list.ts";
import { readBatch } from "../../batch/spec.ts";
import { summarize } from "../../batch/summary.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import { FanjoinError } from "../../core/errors.ts";
import { batchIn, batchKey, hasEnded } from "../../core/records/batch.ts";
import type { Ledger } from "../../ports.ts";
import { usage } from "../error-text.ts";
import { fanjoinCommand, inDirectory } from "../shell-command.ts";
import { locateIn, readDirectory } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";

type BatchLedger = Pick<Ledger, "read" | "list">;

/** Throws `BATCH_UNKNOWN`, and `USAGE` for a prefix that several batches have. */
export async function pickBatch(ledger: BatchLedger, prefix: string, dir: string): Promise<BatchRecord> {
  const id = prefix.toUpperCase();
  const exact = await readBatch(ledger, id);
  if (exact) return { batch: id, fields: exact };
  const [first, second] = id === "" ? [] : await ledger.list(batchKey(id), null, 2);
  if (first && second) throw ambiguous(prefix);
  if (first) return { batch: batchIn(first.key) ?? first.key, fields: first.fields };
  throw new FanjoinError(
    "BATCH_UNKNOWN",
    `there is no batch ${prefix} in ${dir}: \`${fanjoinCommand("list", inDirectory(dir))}\` shows all batches`,
  );
}

export function ambiguous(prefix: string): FanjoinError {
  return usage(`more than one batch id begins with ${prefix}: give more characters of it`);
}

/**
 * The latest unfinished batch. The latest one, if all have ended: it may have done so a moment ago. Throws
 * `BATCH_UNKNOWN` if there is none.
 */
export async function latestToResume(ledger: BatchLedger, dir: string): Promise<BatchRecord> {
  let latest: BatchRecord | null = null;
  for await (const batch of allBatches(ledger, { descending: true })) {
    if (!hasEnded(batch.fields)) return batch;
    latest ??= batch;
  }
  if (latest !== null) return latest;
  throw new FanjoinError("BATCH_UNKNOWN", `there is no batch in ${dir}`);
}

/** The batch as it is committed now. Throws the errors of `pickBatch`. */
export async function currentSummary(prefix: string, option: DirectoryOption): Promise<BatchSummary> {
  return readDirectory(option, async (ledger) => {
    const { batch, fields } = await pickBatch(ledger, prefix, option.dir);
    return summarize(ledger, batch, fields, locateIn(option));
  });
}
