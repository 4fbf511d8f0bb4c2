/**
 * A careful attempt at a chunk: one item at a time, with the open item visible to whatever survives this
 * thread. Every late error is attributed to the item whose code it comes from, open or over.
 */
import type { Quarantined, CrashJournal } from "../../core/records/attempts/crash-journal.ts";
import { NativePromise } from "../../core/native-promise.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Records } from "../../input/reader.ts";
import { OF_ANOTHER_CHUNK, OPEN_CHUNK, OPEN_ITEM, OVERDUE_ITEM } from "../poison/heartbeat.ts";
import type { Heartbeat } from "../poison/heartbeat.ts";
import type { ItemJournal, OpenItem } from "../poison/open-item.ts";
import { attemptItem } from "../item/attempt-item.ts";
import type { ChunkContext } from "../item/item-context.ts";
import type { ItemGate } from "../limits/item-gate.ts";
import { describeError } from "../describe-error.ts";
import type { Outcome } from "../item/item-outcome.ts";

export interface CarefulOptions {
  readonly message: ChunkMessage;
  /** The label of the chunk's source, for logs. */
  readonly label: string;
  /** What is known against the chunk's items. */
  readonly known: CrashJournal;
  readonly heartbeat: Heartbeat;
  readonly journal: ItemJournal | null;
}

export class CarefulAttempt {
  readonly #message: ChunkMessage;
  readonly #label: string;
  readonly #heartbeat: Heartbeat;
  readonly #journal: ItemJournal | null;
  readonly #quarantined: ReadonlyMap<number, Quarantined>;
  #open: CarefulItem | null = null;

  constructor({ message, label, known, heartbeat, journal }: CarefulOptions) {
    this.#message = message;
    this.#label = label;
    this.#heartbeat = heartbeat;
    this.#journal = journal;
    this.#quarantined = new Map(known.quarantined.map((one) => [one.index, one]));
    if (heartbeat[OVERDUE_ITEM] !== 0) heartbeat[OVERDUE_ITEM] = OF_ANOTHER_CHUNK;
  }

  /** Runs the item at `index` of `records`, which is the one at `place` of its chunk, unless quarantined. */
  attempt(context: ChunkContext, records: Records, index: number, place: number): Outcome | Promise<Outcome> {
    const quarantined = this.#quarantined.get(place);
    if (quarantined) {
      const { code, error, attempts } = quarantined;
      return { ok: false, code, error, attempts };
    }
    const item = new CarefulItem(this.#message, place, this.#label);
    this.#open = item;
    this.#heartbeat[OPEN_CHUNK] = this.#message.chunk;
    this.#heartbeat[OPEN_ITEM] = place + 1;
    const journal = this.#journal;
    const { gate, job } = context;
    const chunk = gate && journal ? { ...context, gate: suspending(gate, journal, item) } : context;
    // Without a schema, its code begins with its first call.
    const noted = gate && !job.item ? undefined : journal?.note(item);
    const run = (): Outcome | Promise<Outcome> => attemptItem(chunk, records, index);
    const begin = (): Outcome | Promise<Outcome> => (journal ? journal.within(item, run) : run());
    const outcome = noted instanceof NativePromise ? noted.then(begin) : begin();
    return outcome instanceof NativePromise ? this.#outcomeOf(item, outcome) : outcome;
  }

  async #outcomeOf(item: CarefulItem, promise: Promise<Outcome>): Promise<Outcome> {
    const outcome = await NativePromise.race([promise, item.failed]);
    // The item's code may continue, and end the thread while another item is open.
    if (outcome.ok === false && outcome.code === "ITEM_TIMEOUT")
      this.#heartbeat[OVERDUE_ITEM] = item.index + 1;
    return outcome;
  }

  /** Closes the open item: its value is in the join, or it has failed. */
  close(): void {
    if (!this.#open) return;
    this.#open.over = true;
    this.#open = null;
    this.#heartbeat[OPEN_ITEM] = 0;
    void this.#journal?.note(null);
  }
}

/** The gate of an item that is to blame for nothing while it waits. */
function suspending(gate: ItemGate, journal: ItemJournal, item: OpenItem): ItemGate {
  return {
    async admit(signal) {
      await journal.suspend();
      const isAdmitted = await gate.admit(signal);
      try {
        if (isAdmitted) await journal.note(item);
      } catch (error) {
        gate.leave();
        throw error;
      }
      return isAdmitted;
    },
    get returnsAt() {
      return gate.returnsAt;
    },
    leave: (thrown) => gate.leave(thrown),
    pause: (ms) => gate.pause(ms),
  };
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

  /** Resolves if the item fails by `fail`. Only an awaited item can fail in this way. */
  get failed(): Promise<Outcome> {
    this.#failure ??= NativePromise.withResolvers();
    return this.#failure.promise;
  }

  fail(thrown: unknown): void {
    this.#failure?.resolve({ ok: false, code: "ITEM_FAILED", error: describeError(thrown), attempts: 1 });
  }
}
