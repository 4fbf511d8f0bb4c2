/** The batches of a ledger. */
import { batchIn, batchKey } from "../core/records/batch.ts";
import type { Fields } from "../core/records/record.ts";
import type { Ledger, ListOptions } from "../ports.ts";

export interface Batch {
  readonly batch: string;
  readonly fields: Fields;
}

/**
 * Oldest first, or if `descending` newest first: ids begin with the time. With `having: "open"` only those
 * that are being worked on.
 */
export async function* allBatches(
  ledger: Pick<Ledger, "list">,
  options: ListOptions = {},
): AsyncGenerator<Batch> {
  for await (const { key, fields } of allRecords(ledger, batchKey(""), options))
    yield { batch: batchIn(key) ?? key, fields };
}

/** Records looked at in one page. */
const PAGE = 200;

/** The records whose keys begin with `prefix`, in the order of their keys. */
export async function* allRecords(
  ledger: Pick<Ledger, "list">,
  prefix: string,
  options: ListOptions = {},
): AsyncGenerator<{ readonly key: string; readonly fields: Fields }> {
  for (let after: string | null = null; ;) {
    const page: { key: string; fields: Fields }[] = await ledger.list(prefix, after, PAGE, options);
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.key;
  }
}
