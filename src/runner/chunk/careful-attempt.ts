/**
 * A careful attempt at a chunk: one item at a time, and the open one is known to whoever survives this thread. Every later error is known to be of the item
 * whose code it comes from, be that open or over.
 */
import type { Condemned, Journal } from "../../core/records/crash-journal.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Records } from "../../input/reader.ts";
import { attemptItem } from "./attempt-item.ts";
import { describe } from "../describe-error.ts";
import type { Outcome } from "./attempt-item.ts";
import type { Surroundings } from "./item-context.ts";
import { OF_ANOTHER_CHUNK, OPEN_CHUNK, OPEN_ITEM, OVERDUE_ITEM } from "../poison/heartbeat.ts";
import type { Pulse } from "../poison/heartbeat.ts";
import type { ItemJournal, OpenItem } from "../poison/open-item.ts";

export class CarefulAttempt {
  readonly #around: Surroundings;
  readonly #message: ChunkMessage;
  readonly #pulse: Pulse;
  readonly #journal: ItemJournal | null;
  readonly #condemned: ReadonlyMap<number, Condemned>;
  #open: CarefulItem | null = null;

  constructor(
    around: Surroundings,
    message: ChunkMessage,
    known: Journal,
    pulse: Pulse,
    journal: ItemJournal | null,
  ) {
    this.#around = around;
    this.#message = message;
    this.#pulse = pulse;
    this.#journal = journal;
    this.#condemned = new Map(known.condemned.map((one) => [one.index, one]));
    if (pulse[OVERDUE_ITEM] !== 0) pulse[OVERDUE_ITEM] = OF_ANOTHER_CHUNK;
  }

  /** Opens the item at `index` of `records`, the one at `place` of its chunk, unless it is condemned. */
  attempt(records: Records, index: number, place: number): Outcome | Promise<Outcome> {
    const condemned = this.#condemned.get(place);
    if (condemned) {
      const { code, error, attempts } = condemned;
      return { ok: false, code, error, attempts };
    }
    const item = new CarefulItem(this.#message, place, this.#around.label);
    this.#open = item;
    this.#pulse[OPEN_CHUNK] = this.#message.chunk;
    this.#pulse[OPEN_ITEM] = place + 1;
    const noted = this.#journal?.note(item);
    const run = (): Outcome | Promise<Outcome> => attemptItem(this.#around, records, index);
    const begin = (): Outcome | Promise<Outcome> => (this.#journal ? this.#journal.within(item, run) : run());
    const outcome = noted instanceof Promise ? noted.then(begin) : begin();
    return outcome instanceof Promise ? this.#outcomeOf(item, outcome) : outcome;
  }

  async #outcomeOf(item: CarefulItem, promise: Promise<Outcome>): Promise<Outcome> {
    const outcome = await Promise.race([promise, item.failed]);
    // Its code may go on, and end the thread while a neighbour is open.
    if (!outcome.ok && outcome.code === "ITEM_TIMEOUT") this.#pulse[OVERDUE_ITEM] = item.index + 1;
    return outcome;
  }

  /** The open item's value is in the join, or it has failed. */
  close(): void {
    if (!this.#open) return;
    this.#open.over = true;
    this.#open = null;
    this.#pulse[OPEN_ITEM] = 0;
    void this.#journal?.note(null);
  }
}

class CarefulItem implements OpenItem {
  readonly message: ChunkMessage;
  readonly index: number;
  readonly #label: string;
  #failure: PromiseWithResolvers<Outcome> | null = null;
  over = false;

  constructor(message: ChunkMessage, index: number, label: string) {
    this.message = message;
    this.index = index;
    this.#label = label;
  }

  get place(): string {
    return `${this.#label}, chunk ${this.message.chunk}, item ${this.index} of it`;
  }

  /** Only an item that is waited for can fail in this way. */
  get failed(): Promise<Outcome> {
    this.#failure ??= Promise.withResolvers();
    return this.#failure.promise;
  }

  fail(thrown: unknown): void {
    this.#failure?.resolve({ ok: false, code: "ITEM_FAILED", error: describe(thrown), attempts: 1 });
  }
}
