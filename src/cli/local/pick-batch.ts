/**
 * Which batch a command is about: a whole id, a prefix that only one batch has, or the latest unfinished one.
 */
import { batchIn, batchKey, hasEnded } from "../../core/records/batch.ts";
import { FanjoinError } from "../../core/errors.ts";
import type { Ledger } from "../../ports.ts";
import { readBatch } from "../../batch/spec.ts";
import { allBatches } from "../../batch/list.ts";
import type { Batch } from "../../batch/list.ts";
import { usage } from "../error-text.ts";

type Batches = Pick<Ledger, "read" | "list">;

/** Throws `BATCH_UNKNOWN`, and `USAGE` for a prefix that several have. */
export async function pickBatch(ledger: Batches, given: string, dir: string): Promise<Batch> {
  const id = given.toUpperCase();
  const exact = await readBatch(ledger, id);
  if (exact) return { batch: id, fields: exact };
  const [first, second] = id === "" ? [] : await ledger.list(batchKey(id), null, 2);
  if (first && second) throw usage(`${given} is the beginning of more than one batch id: give more of it`);
  if (first) return { batch: batchIn(first.key) ?? first.key, fields: first.fields };
  throw new FanjoinError(
    "BATCH_UNKNOWN",
    `there is no batch ${given} in ${dir}: \`fanjoin list\` shows those there are`,
  );
}

/** Throws `BATCH_UNKNOWN` if there is none. */
export async function latestUnfinished(ledger: Batches, dir: string): Promise<Batch> {
  for await (const one of allBatches(ledger, { descending: true })) if (!hasEnded(one.fields)) return one;
  throw new FanjoinError("BATCH_UNKNOWN", `there is no unfinished batch in ${dir}`);
}
