/** All batches of a ledger. */
import { batchIn, batchKey } from "../core/batch.ts";
import type { Fields } from "../core/record.ts";
import type { Ledger } from "../ports.ts";

export interface Batch {
  readonly batch: string;
  readonly fields: Fields;
}

/** Batches looked at in one page. */
const PAGE = 200;

/** Oldest first: ids begin with the time. */
export async function* allBatches(ledger: Pick<Ledger, "list">): AsyncGenerator<Batch> {
  for (let after: string | null = null; ;) {
    const page: { key: string; fields: Fields }[] = await ledger.list(batchKey(""), after, PAGE);
    for (const { key, fields } of page) yield { batch: batchIn(key) ?? key, fields };
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.key;
  }
}
