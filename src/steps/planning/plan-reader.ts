/** Reads from the plan where chunks are. Ask for chunks in ascending order. */
import type { ChunkMessage } from "../../core/records/message.ts";
import { parseEntry, planKey } from "../../core/records/plan.ts";
import type { PlanEntry } from "../../core/records/plan.ts";
import type { Ledger } from "../../ports.ts";

/** Plan entries in one read. */
const PAGE = 100;

/** Where a chunk is, as its message says it. */
export type ChunkRange = Pick<ChunkMessage, "source" | "start" | "end" | "run" | "crc" | "spool">;

export class PlanReader {
  readonly #ledger: Pick<Ledger, "read">;
  readonly #batch: string;
  #entries: PlanEntry[] = [];
  /** The first entry that has not been read yet. */
  #next = 0;

  constructor(ledger: Pick<Ledger, "read">, batch: string) {
    this.#ledger = ledger;
    this.#batch = batch;
  }

  async chunk(chunk: number): Promise<ChunkRange> {
    for (;;) {
      this.#entries = this.#entries.filter(({ first, ranges }) => first + ranges.length > chunk);
      const [entry] = this.#entries;
      const range = entry?.ranges[chunk - entry.first];
      if (range) return { ...range, ...(entry?.spool ? { spool: entry.spool } : {}) };
      if (entry || !(await this.#more())) throw new RangeError(`chunk ${chunk} is not in the plan`);
    }
  }

  /** False at the end of the plan. */
  async #more(): Promise<boolean> {
    const keys = Array.from({ length: PAGE }, (_, place) => planKey(this.#batch, this.#next + place));
    const records = await this.#ledger.read(keys);
    for (const [place, fields] of records.entries()) {
      const parsed = fields && parseEntry(this.#next + place, fields);
      if (parsed && "ranges" in parsed) this.#entries.push(parsed);
    }
    this.#next += PAGE;
    return records[0] !== null;
  }
}
