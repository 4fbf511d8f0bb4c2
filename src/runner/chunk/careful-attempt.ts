/**
 * A careful attempt at a chunk: one item at a time, and the open one is known to whoever survives this
 * thread. Every later error is known to be of the item whose code it comes from, be that open or over.
 */
import type { Quarantined, CrashJournal } from "../../core/records/crash-journal.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Records } from "../../input/reader.ts";
import { attemptItem } from "./attempt-item.ts";
import { describeError } from "../describe-error.ts";
import type { Outcome } from "./item-outcome.ts";
import type { ChunkContext } from "./item-context.ts";
import { OF_ANOTHER_CHUNK, OPEN_CHUNK, OPEN_ITEM, OVERDUE_ITEM } from "../poison/heartbeat.ts";
import type { Heartbeat } from "../poison/heartbeat.ts";
import type { ItemJournal, OpenItem } from "../poison/open-item.ts";

export class CarefulAttempt {
  readonly #context: ChunkContext;
  readonly #message: ChunkMessage;
  readonly #heartbeat: Heartbeat;
  readonly #journal: ItemJournal | null;
  readonly #quarantined: ReadonlyMap<number, Quarantined>;
  #open: CarefulItem | null = null;

  constructor(
    context: ChunkContext,
    message: ChunkMessage,
    known: CrashJournal,
    heartbeat: Heartbeat,
    journal: ItemJournal | null,
  ) {
    this.#context = context;
    this.#message = message;
    this.#heartbeat = heartbeat;
    this.#journal = journal;
    this.#quarantined = new Map(known.quarantined.map((one) => [one.index, one]));
    if (heartbeat[OVERDUE_ITEM] !== 0) heartbeat[OVERDUE_ITEM] = OF_ANOTHER_CHUNK;
  }

  /** Opens the item at `index` of `records`, the one at `place` of its chunk, unless it is quarantined. */
  attempt(records: Records, index: number, place: number): Outcome | Promise<Outcome> {
    const quarantined = this.#quarantined.get(place);
    if (quarantined) {
      const { code, error, attempts } = quarantined;
      return { ok: false, code, error, attempts };
    }
    const item = new CarefulItem(this.#message, place, this.#context.label);
    this.#open = item;
    this.#heartbeat[OPEN_CHUNK] = this.#message.chunk;
    this.#heartbeat[OPEN_ITEM] = place + 1;
    const noted = this.#journal?.note(item);
    const run = (): Outcome | Promise<Outcome> => attemptItem(this.#context, records, index);
    const begin = (): Outcome | Promise<Outcome> => (this.#journal ? this.#journal.within(item, run) : run());
    const outcome = noted instanceof Promise ? noted.then(begin) : begin();
    return outcome instanceof Promise ? this.#outcomeOf(item, outcome) : outcome;
  }

  async #outcomeOf(item: CarefulItem, promise: Promise<Outcome>): Promise<Outcome> {
    const outcome = await Promise.race([promise, item.failed]);
    // Its code may go on, and end the thread while a neighbour is open.
    if (!outcome.ok && outcome.code === "ITEM_TIMEOUT") this.#heartbeat[OVERDUE_ITEM] = item.index + 1;
    return outcome;
  }

  /** The open item's value is in the join, or it has failed. */
  close(): void {
    if (!this.#open) return;
    this.#open.over = true;
    this.#open = null;
    this.#heartbeat[OPEN_ITEM] = 0;
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
    this.#failure?.resolve({ ok: false, code: "ITEM_FAILED", error: describeError(thrown), attempts: 1 });
  }
}
