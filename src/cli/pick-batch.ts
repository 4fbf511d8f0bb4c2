/** Which batch a command is about: a whole id, a prefix that only one batch has, or the latest unfinished one. */
import { batchKey, hasEnded } from "../core/batch.ts";
import { FanjoinError } from "../core/errors.ts";
import type { Fields } from "../core/record.ts";
import type { Ledger } from "../ports.ts";
import { readBatch } from "../steps/summary.ts";
import { usage } from "./error-text.ts";

export interface PickedBatch {
  readonly batch: string;
  readonly fields: Fields;
}

type Batches = Pick<Ledger, "read" | "list">;

const PAGE = 200;
const PREFIX = batchKey("");

/** Throws `BATCH_UNKNOWN`, and `USAGE` for a prefix that several have. */
export async function pickBatch(ledger: Batches, given: string, dir: string): Promise<PickedBatch> {
  const id = given.toUpperCase();
  const exact = await readBatch(ledger, id);
  if (exact) return { batch: id, fields: exact };
  const [first, second] = id === "" ? [] : await ledger.list(batchKey(id), null, 2);
  if (first && second) throw usage(`${given} is the beginning of more than one batch id: give more of it`);
  if (first) return picked(first);
  throw new FanjoinError(
    "BATCH_UNKNOWN",
    `there is no batch ${given} in ${dir}: \`fanjoin list\` shows those there are`,
  );
}

/** Throws `BATCH_UNKNOWN` if there is none. */
export async function latestUnfinished(ledger: Batches, dir: string): Promise<PickedBatch> {
  let latest: PickedBatch | null = null;
  for await (const one of allBatches(ledger)) if (!hasEnded(one.fields)) latest = one;
  if (latest) return latest;
  throw new FanjoinError("BATCH_UNKNOWN", `there is no unfinished batch in ${dir}`);
}

/** Oldest first: ids begin with the time. */
export async function* allBatches(ledger: Batches): AsyncGenerator<PickedBatch> {
  for (let after: string | null = null; ;) {
    const page: { key: string; fields: Fields }[] = await ledger.list(PREFIX, after, PAGE);
    yield* page.map(picked);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.key;
  }
}

function picked({ key, fields }: { key: string; fields: Fields }): PickedBatch {
  return { batch: key.slice(PREFIX.length), fields };
}
