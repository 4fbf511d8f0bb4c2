/** Finds the newest entry of a batch's plan. */
import { parseEntry, planKey } from "../../core/records/plan.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Ledger } from "../../ports.ts";

export interface NewestEntry {
  readonly entry: number;
  readonly fields: Fields;
}

/**
 * Entries are numbered without gaps, so doubling and then halving finds the last one in few reads. `null`: no
 * entry is written yet. With `stale` the result may be an older entry.
 */
export async function newestEntry(
  ledger: Pick<Ledger, "read">,
  batch: string,
  options: { readonly stale: boolean },
): Promise<NewestEntry | null> {
  const readEntry = async (entry: number): Promise<Fields | null> => {
    const [record = null] = await ledger.read([planKey(batch, entry)], options);
    return record;
  };
  // `present` is an entry that exists, or -1; `missing` is one that does not.
  let missing = 1;
  while (await readEntry(missing - 1)) missing *= 2;
  let present = Math.floor(missing / 2) - 1;
  missing -= 1;
  while (missing - present > 1) {
    const middle = Math.floor((present + missing) / 2);
    if (await readEntry(middle)) present = middle;
    else missing = middle;
  }
  const fields = present < 0 ? null : await readEntry(present);
  return fields && { entry: present, fields };
}

/** How many chunks a plan has up to its newest entry. */
export function chunksUpTo(newest: NewestEntry | null): number {
  if (!newest) return 0;
  const entry = parseEntry(newest.entry, newest.fields);
  return "end" in entry ? entry.end : entry.first + entry.ranges.length;
}
