/** Finds single chunks in the plan, with few reads however long it is. `PlanReader` reads from the start. */
import { parseEntry, planKey } from "../../core/records/plan.ts";
import type { PlanEntry } from "../../core/records/plan.ts";
import type { Ledger } from "../../ports.ts";
import type { ChunkRange } from "./plan-reader.ts";

export class PlanSearch {
  readonly #ledger: Pick<Ledger, "read">;
  readonly #batch: string;
  /** The entry that was found last. */
  #found: PlanEntry | null = null;

  /** The most ENDs that the plan may have in its middle: one for each generation before. */
  readonly #ends: number;

  constructor(ledger: Pick<Ledger, "read">, batch: string, generation: number) {
    this.#ledger = ledger;
    this.#batch = batch;
    this.#ends = generation;
  }

  async chunk(chunk: number): Promise<ChunkRange> {
    const known = rangeIn(this.#found, chunk);
    if (known) return known;
    // Each entry has one chunk at least, but for ENDs.
    let low = 0;
    let high = chunk + this.#ends;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (await this.#isUpTo(middle, chunk)) low = middle;
      else high = middle - 1;
    }
    await this.#isUpTo(low, chunk);
    const range = rangeIn(this.#found, chunk);
    if (!range) throw new RangeError(`chunk ${chunk} is not in the plan`);
    return range;
  }

  /** Whether the entry exists and does not begin behind the chunk. An END in the middle counts as empty. */
  async #isUpTo(entry: number, chunk: number): Promise<boolean> {
    const [fields = null] = await this.#ledger.read([planKey(this.#batch, entry)]);
    if (!fields) return false;
    const parsed = parseEntry(entry, fields);
    if ("end" in parsed) return parsed.end <= chunk;
    if (rangeIn(parsed, chunk)) this.#found = parsed;
    return parsed.first <= chunk;
  }
}

function rangeIn(entry: PlanEntry | null, chunk: number): ChunkRange | null {
  const range = entry?.ranges[chunk - entry.first];
  if (!range) return null;
  return { ...range, ...(entry?.spool ? { spool: entry.spool } : {}) };
}
