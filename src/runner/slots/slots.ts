/**
 * The slots of one thread, or of one Lambda environment: the one place that says whether another item, or
 * another chunk, may begin. All chunks that are open there share them, so that no slot stays empty because
 * a chunk waits for its slowest item.
 */
import { NativePromise } from "../../core/native-promise.ts";
import { IN_FLIGHT, INSIDE } from "../poison/heartbeat.ts";
import type { Heartbeat } from "../poison/heartbeat.ts";
import { SlotLease } from "./slot-lease.ts";

/** Chunks of this many bytes of input may be open together; two of them may, however large they are. */
const MAX_OPEN_BYTES = 64 * 1024 * 1024;
const ALWAYS_OPEN = 2;
/** Each open chunk has an item in a slot, but for those whose items wait outside of it. */
const MORE_THAN_SLOTS = 16;
/** No item begins while finished ones that wait for slower ones before them take more than this. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

export class Slots {
  readonly #heartbeat: Heartbeat;
  /** Items that may run at once. */
  readonly capacity: number;
  #taken = 0;
  /** Items whose outcome is awaited, those outside of their slots included. */
  #awaited = 0;
  #waitingBytes = 0;
  #openChunks = 0;
  #openBytes = 0;
  #spare: SlotLease | null = null;
  /** Chunks that want to begin an item. */
  readonly #feeding = new Set<() => void>();
  /** Chunks that want to open. */
  readonly #opening = new Set<() => void>();
  /** Items that have given their slots away, and want others. They come before all that have not begun. */
  readonly #returning = new Set<() => void>();

  constructor(heartbeat: Heartbeat, capacity: number) {
    this.#heartbeat = heartbeat;
    this.capacity = capacity;
  }

  /** The share of one attempt at a chunk. It has at most `most` slots at once. */
  lease(most: number = this.capacity): SlotLease {
    const spare = this.#spare;
    if (spare === null || most !== this.capacity) return new SlotLease(this, most);
    this.#spare = null;
    return spare;
  }

  /** Nothing was taken with it: the next chunk may have it. Most chunks of items that do not wait do so. */
  putBack(lease: SlotLease): void {
    this.#spare = lease;
  }

  /** Whether an item of a chunk may begin that takes a slot if fewer than `most` are taken. */
  hasRoom(most: number): boolean {
    return this.#taken < most && !this.isFull;
  }

  /** Too much is held by finished items, and one that is awaited will let some of it go. */
  get isFull(): boolean {
    return this.#waitingBytes >= MAX_WAITING_BYTES && this.#awaited > 0;
  }

  /** An item begins to be awaited. */
  begin(): void {
    this.#heartbeat[IN_FLIGHT] = ++this.#awaited;
    this.#taken++;
  }

  /** So many items are not awaited any more. `slots`: how many of them have one. */
  end(items: number, slots: number): void {
    this.#awaited -= items;
    this.#heartbeat[IN_FLIGHT] = this.#awaited;
    this.free(slots);
  }

  /** Slots are given to items that return to one, or to the next ones that begin. */
  free(slots: number): void {
    this.#taken -= slots;
    for (const wake of this.#returning) {
      if (this.#taken >= this.capacity) break;
      this.#returning.delete(wake);
      this.#taken++;
      wake();
    }
    if (this.#taken < this.capacity) wakeAll(this.#feeding);
  }

  /** Takes a slot for an item that returns, now or later. `taken` is called when it has one. */
  takeAgain(taken: () => void): void {
    if (this.#taken >= this.capacity) return void this.#returning.add(taken);
    this.#taken++;
    taken();
  }

  /** The item does not want a slot any more. */
  stay(taken: () => void): void {
    this.#returning.delete(taken);
  }

  /** Bytes of finished items that wait for slower ones before them; negative: they wait no more. */
  hold(bytes: number): void {
    const wasFull = this.isFull;
    this.#waitingBytes += bytes;
    if (wasFull && !this.isFull) wakeAll(this.#feeding);
  }

  /** Calls `wake` once, when there may be room for an item. */
  await(wake: () => void): void {
    this.#feeding.add(wake);
  }

  giveUp(wake: () => void): void {
    this.#feeding.delete(wake);
  }

  /**
   * Resolves once a chunk with so many bytes of input may open, or `signal` fires. Every call has to be
   * followed by one of `close`.
   */
  async open(bytes: number, signal: AbortSignal): Promise<void> {
    while (!this.#mayOpen(bytes) && !signal.aborted) {
      const { promise, resolve } = NativePromise.withResolvers<void>();
      const wake = (): void => resolve();
      this.#opening.add(wake);
      signal.addEventListener("abort", wake);
      await promise;
      signal.removeEventListener("abort", wake);
      this.#opening.delete(wake);
    }
    this.#openChunks++;
    this.#openBytes += bytes;
  }

  #mayOpen(bytes: number): boolean {
    if (this.#openChunks < ALWAYS_OPEN) return true;
    return this.#openChunks < this.capacity + MORE_THAN_SLOTS && this.#openBytes + bytes <= MAX_OPEN_BYTES;
  }

  /** The chunk is done. */
  close(bytes: number): void {
    this.#openChunks--;
    this.#openBytes -= bytes;
    wakeAll(this.#opening);
  }

  /** From now on code of one more chunk's items may be running. */
  enter(): void {
    this.#heartbeat[INSIDE] = (this.#heartbeat[INSIDE] ?? 0) + 1;
  }

  leave(): void {
    this.#heartbeat[INSIDE] = (this.#heartbeat[INSIDE] ?? 0) - 1;
  }
}

function wakeAll(waiting: Set<() => void>): void {
  if (waiting.size === 0) return;
  const all = [...waiting];
  waiting.clear();
  for (const wake of all) wake();
}
