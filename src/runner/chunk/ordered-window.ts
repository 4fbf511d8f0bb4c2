/**
 * The items of one chunk that are in flight, and finished ones that wait for an earlier item. Outcomes leave
 * the window in input order, whenever they arrive.
 */
import { NativePromise } from "../../core/native-promise.ts";
import type { Records } from "../../input/reader.ts";
import { failedOutcome } from "../item/item-outcome.ts";
import type { Outcome } from "../item/item-outcome.ts";
import type { Slots } from "./slots.ts";

/** An item whose outcome is awaited, or waits for those before it. */
export interface PendingItem {
  readonly records: Records;
  readonly index: number;
  /** Items of the chunk before `records`. */
  readonly before: number;
  outcome: Outcome | null;
}

/** Takes an outcome in its turn. Positional: it is called for every item, and must not cost an object. */
export type Accept = (outcome: Outcome, records: Records, index: number, before: number) => void;

/** Finished items that may wait for a slower one, per item in flight: bounds memory, and keeps slots busy. */
const WAITING_PER_SLOT = 16;

export class OrderedWindow {
  readonly #slots: Slots;
  readonly #signal: AbortSignal;
  readonly #concurrency: number;
  readonly #accept: Accept;
  #pending: PendingItem[] = [];
  #inFlight = 0;
  #closed = false;
  #listening = false;
  #wake: (() => void) | null = null;
  readonly #woken = (): void => this.#wake?.();

  constructor(
    { slots, signal }: { readonly slots: Slots; readonly signal: AbortSignal },
    concurrency: number,
    accept: Accept,
  ) {
    this.#slots = slots;
    this.#signal = signal;
    this.#concurrency = concurrency;
    this.#accept = accept;
  }

  /** Frees the slots of items in flight: their outcomes come too late. */
  close(): void {
    this.#closed = true;
    if (this.#listening) this.#stopListening();
    if (this.#inFlight > 0) this.#slots.free(this.#inFlight);
  }

  /** Before the first wait only: most chunks never wait, and listening costs as much as an item. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#signal.addEventListener("abort", this.#woken);
    this.#slots.await(this.#woken);
  }

  #stopListening(): void {
    this.#slots.giveUp(this.#woken);
    this.#signal.removeEventListener("abort", this.#woken);
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Too many items wait for a slower one. */
  get isFull(): boolean {
    return this.#pending.length >= this.#concurrency * WAITING_PER_SLOT;
  }

  /** Adds a finished item, which waits for those before it. */
  add(item: PendingItem): void {
    this.#pending.push(item);
  }

  /** Adds an item that takes a slot until `promise` is settled. */
  await(promise: Promise<Outcome>, item: PendingItem): void {
    this.#pending.push(item);
    this.#inFlight++;
    this.#slots.take();
    const settle = (outcome: Outcome): void => {
      item.outcome = outcome;
      if (this.#closed) return;
      this.#inFlight--;
      this.#slots.free(1);
    };
    // An attempt never rejects; should it ever, that is one failed item and not a dead process.
    promise.then(settle, (thrown: unknown) => settle(failedOutcome(thrown, 1)));
  }

  /** Waits until another item may begin. */
  async room(): Promise<void> {
    this.#acceptReady();
    while (!this.#signal.aborted && (this.#slots.taken >= this.#concurrency || this.isFull)) {
      await this.#next();
    }
  }

  /** Waits for all items, or for an interruption. Calls `onDraining` if there are items to wait for. */
  async drain(interrupted: () => boolean, onDraining: () => void): Promise<void> {
    this.#acceptReady();
    if (!this.isEmpty) onDraining();
    while (!this.isEmpty && !interrupted()) await this.#next();
  }

  /** Waits for an item in flight to finish, or for the batch to end. */
  async #next(): Promise<void> {
    // The first may have finished since the last check, when nothing waited to be woken.
    if (!this.#pending[0]?.outcome) {
      this.#listen();
      await new NativePromise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    this.#acceptReady();
  }

  #acceptReady(): void {
    let ready = 0;
    for (; ready < this.#pending.length; ready++) {
      const item = this.#pending[ready];
      if (!item?.outcome) break;
      this.#accept(item.outcome, item.records, item.index, item.before);
    }
    if (ready > 0) this.#pending = this.#pending.slice(ready);
  }
}
