/** Walks over the records of a ledger, page by page. */
import { batchIn, batchKey } from "../core/records/batch/batch.ts";
import type { Fields } from "../core/records/record.ts";
import type { Ledger, ListOptions } from "../ports.ts";

/** A batch's id and its record. */
export interface BatchRecord {
  readonly batch: string;
  readonly fields: Fields;
}

/**
 * All batches, oldest first, because ids begin with the time. `descending`: newest first. `having: "open"`:
 * only batches that have not ended.
 */
export async function* allBatches(
  ledger: Pick<Ledger, "list">,
  options: ListOptions = {},
): AsyncGenerator<BatchRecord> {
  for await (const { key, fields } of allRecords(ledger, batchKey(""), options))
    yield { batch: batchIn(key) ?? key, fields };
}

/** Records in one page. */
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
