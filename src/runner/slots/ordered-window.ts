/**
 * The items of one chunk that are in flight, and finished ones that wait for an earlier item. Outcomes leave
 * the window in input order, whenever they arrive.
 */
import { NativePromise } from "../../core/native-promise.ts";
import type { Records } from "../../input/reader.ts";
import { failedOutcome, isFinal } from "../item/item-outcome.ts";
import type { FinalOutcome, Outcome } from "../item/item-outcome.ts";
import { roughBytes } from "./rough-bytes.ts";
import type { SlotLease } from "./slot-lease.ts";

/** An item whose outcome is awaited, or waits for those before it. */
export interface PendingItem {
  readonly records: Records;
  readonly index: number;
  /** Items of the chunk before `records`. */
  readonly before: number;
  outcome: Outcome | null;
  /** Bytes that the waiting outcome takes. */
  bytes: number;
}

/** Takes an outcome in its turn. Positional: it is called for every item, and must not cost an object. */
export type Accept = (outcome: FinalOutcome, records: Records, index: number, before: number) => void;

/** Items that have left are removed when there are so many of them, and more than others. */
const WORTH_REMOVING = 64;
/** A chunk goes on behind an item that runs elsewhere until so many bytes of outcomes wait for it. */
const MAX_STUCK_BYTES = 16 * 1024 * 1024;

export class OrderedWindow {
  readonly #lease: SlotLease;
  readonly #signal: AbortSignal;
  readonly #accept: Accept;
  #pending: PendingItem[] = [];
  /** The place of the first one that has not left. */
  #first = 0;
  #inFlight = 0;
  /** Bytes of finished items that wait here. */
  #heldBytes = 0;
  #closed = false;
  #listening = false;
  #wake: (() => void) | null = null;
  readonly #woken = (): void => this.#wake?.();

  constructor(lease: SlotLease, signal: AbortSignal, accept: Accept) {
    this.#lease = lease;
    this.#signal = signal;
    this.#accept = accept;
  }

  /** Frees the slots of items in flight: their outcomes come too late. */
  close(): void {
    this.#closed = true;
    if (this.#listening) this.#signal.removeEventListener("abort", this.#woken);
    this.#lease.close();
  }

  /** Before the first wait only: most chunks never wait, and listening costs as much as an item. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#signal.addEventListener("abort", this.#woken);
  }

  get isEmpty(): boolean {
    return this.#first === this.#pending.length;
  }

  /** The items whose outcomes were not accepted: those of the others are known. */
  rest(): readonly PendingItem[] {
    return this.#pending.slice(this.#first);
  }

  /** Much waits for an item that runs elsewhere, later. */
  get isStuck(): boolean {
    return this.#heldBytes >= MAX_STUCK_BYTES && this.#pending[this.#first]?.outcome?.ok === null;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Adds a finished item, which waits for those before it. */
  add(item: PendingItem): void {
    this.#pending.push(item);
    this.#hold(item);
  }

  /** Adds an item that takes a slot until `promise` is settled. */
  await(promise: Promise<Outcome>, item: PendingItem): void {
    this.#pending.push(item);
    this.#inFlight++;
    const since = this.#lease.take();
    const settle = (outcome: Outcome): void => {
      // An item that was interrupted has not failed.
      item.outcome = this.#signal.aborted && outcome.ok === false ? null : outcome;
      if (this.#closed) return;
      this.#inFlight--;
      const isFirst = item === this.#pending[this.#first];
      if (!isFirst && item.outcome) this.#hold(item);
      this.#lease.free(since);
      if (isFirst || this.#inFlight === 0) this.#wake?.();
    };
    // An attempt never rejects; should it ever, that is one failed item and not a dead process.
    promise.then(settle, (thrown: unknown) => settle(failedOutcome(thrown, 1)));
  }

  #hold(item: PendingItem): void {
    item.bytes = roughBytes(item.outcome?.ok ? item.outcome.value : item.outcome);
    this.#heldBytes += item.bytes;
    this.#lease.hold(item.bytes);
  }

  /** Waits until another item may begin. */
  async room(): Promise<void> {
    this.#acceptReady();
    while (!this.#signal.aborted && !this.#lease.hasRoom) await this.#next(true);
  }

  /** Waits until no item runs, or for an interruption. Calls `onDraining` if there are items to wait for. */
  async drain(interrupted: () => boolean, onDraining: () => void): Promise<void> {
    this.#acceptReady();
    if (!this.isEmpty) onDraining();
    while (this.#inFlight > 0 && !interrupted()) await this.#next(false);
    // The last one may have ended when those before it had just been accepted.
    this.#acceptReady();
  }

  /**
   * Waits for the first item, or for the batch to end. `feeding`: or for anything that may leave room for
   * another item.
   */
  async #next(feeding: boolean): Promise<void> {
    // It may have finished since the last check, when nothing waited to be woken.
    if (!isFinal(this.#pending[this.#first]?.outcome)) {
      this.#listen();
      await new NativePromise<void>((resolve) => {
        this.#wake = resolve;
        if (feeding) this.#lease.await(this.#woken);
      });
      this.#wake = null;
      this.#lease.giveUp(this.#woken);
    }
    this.#acceptReady();
  }

  #acceptReady(): void {
    for (let item = this.#pending[this.#first]; item; item = this.#pending[this.#first]) {
      const { outcome, bytes } = item;
      if (!isFinal(outcome)) break;
      this.#first++;
      if (bytes > 0) {
        this.#heldBytes -= bytes;
        this.#lease.hold(-bytes);
      }
      this.#accept(outcome, item.records, item.index, item.before);
      item.outcome = null;
    }
    if (this.#first < WORTH_REMOVING || this.#first * 2 < this.#pending.length) return;
    this.#pending = this.#pending.slice(this.#first);
    this.#first = 0;
  }
}
