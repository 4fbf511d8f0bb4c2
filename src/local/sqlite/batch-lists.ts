/** Messages that wait, in a list for each batch: whose turn it is, is decided elsewhere. */
import { batchOf } from "../../core/records/message.ts";
import { EntryList } from "./queue-entry.ts";
import type { Entry } from "./queue-entry.ts";

export class BatchLists {
  readonly #lists = new Map<string, EntryList>();
  #arrivals = 0;

  append(entry: Entry): void {
    const batch = batchOf(entry.message);
    let list = this.#lists.get(batch);
    if (list === undefined) this.#lists.set(batch, (list = new EntryList()));
    entry.arrival = ++this.#arrivals;
    list.append(entry);
  }

  remove(entry: Entry): void {
    entry.list?.remove(entry);
  }

  /** The oldest one of all. */
  get first(): Entry | null {
    let oldest: Entry | null = null;
    for (const { first } of this.#lists.values())
      if (first !== null && (oldest === null || first.arrival < oldest.arrival)) oldest = first;
    return oldest;
  }

  get size(): number {
    let size = 0;
    for (const list of this.#lists.values()) size += list.size;
    return size;
  }

  /** The messages of one batch, which come and go elsewhere too. */
  of(batch: string): Pick<EntryList, "first" | "size" | "remove"> {
    return this.#lists.get(batch) ?? NONE;
  }

  /** The batches that have messages here. */
  batches(): string[] {
    const batches: string[] = [];
    for (const [batch, { size }] of this.#lists) {
      if (size > 0) batches.push(batch);
      else this.#lists.delete(batch);
    }
    return batches;
  }
}

const NONE = new EntryList();
