/** The slots that the items of one attempt at a chunk have taken. */
import { NativePromise } from "../../core/native-promise.ts";
import { elapsedMs } from "../captured.ts";
import type { LatencySketch } from "../../core/history/latency.ts";
import type { Slots } from "./slots.ts";

export class SlotLease {
  readonly #slots: Slots;
  readonly #most: number;
  #taken = 0;
  #awaited = 0;
  #waitingBytes = 0;
  #used = false;
  #closed = false;
  /** Items that wait for a slot to return to. */
  #returning: Set<() => void> | null = null;
  /** Milliseconds that slots were taken, summed over the slots, up to `#countedAt`. */
  #slotMs = 0;
  #countedAt = 0;
  /** Takes the times of the items. A lease that is put back is given another one. */
  latency: LatencySketch | null = null;

  constructor(slots: Slots, most: number) {
    this.#slots = slots;
    this.#most = most;
  }

  /** Whether an item may begin. */
  get hasRoom(): boolean {
    return this.#slots.hasRoom(this.#most);
  }

  /** Too many finished items wait for slower ones: see `Slots`. */
  get isFull(): boolean {
    return this.#slots.isFull;
  }

  /** Calls `wake` once, when there may be room. */
  await(wake: () => void): void {
    this.#slots.await(wake);
  }

  giveUp(wake: () => void): void {
    this.#slots.giveUp(wake);
  }

  /** An item that is awaited takes a slot. Returns when that was, for `free`. */
  take(): number {
    this.#used = true;
    this.#count();
    this.#taken++;
    this.#awaited++;
    this.#slots.begin();
    return this.#countedAt;
  }

  /** The outcome of an item is there that took its slot at `since`. */
  free(since?: number): void {
    if (this.#closed) return;
    this.#count();
    if (since !== undefined) this.latency?.add(this.#countedAt - since);
    this.#taken--;
    this.#awaited--;
    this.#slots.end(1, 1);
  }

  /**
   * Gives an item's slot away until `wait` is settled, and takes one again: for an item that waits, and runs
   * no code meanwhile. Settles as `wait` does, once there is a slot.
   */
  async away<T>(wait: Promise<T>): Promise<T> {
    if (this.#closed) return wait;
    this.#count();
    this.#taken--;
    this.#slots.free(1);
    try {
      return await wait;
    } finally {
      await this.#takeAgain();
    }
  }

  async #takeAgain(): Promise<void> {
    if (this.#closed) return;
    const returning = (this.#returning ??= new Set());
    await new NativePromise<void>((resolve) => {
      const taken = (): void => {
        returning.delete(taken);
        if (!this.#closed) {
          this.#count();
          this.#taken++;
        }
        resolve();
      };
      returning.add(taken);
      this.#slots.takeAgain(taken);
    });
  }

  /** A finished item waits for those before it; a negative number: it waits no more. */
  hold(bytes: number): void {
    if (this.#closed) return;
    this.#used = true;
    this.#waitingBytes += bytes;
    this.#slots.hold(bytes);
  }

  /**
   * How long all slots of the thread would have been taken for these items. Chunks that share the slots do
   * not count each other's items, and a slow last item counts for its own slot only.
   */
  get ms(): number {
    this.#count();
    return this.#slotMs / this.#slots.capacity;
  }

  #count(): void {
    const now = elapsedMs();
    this.#slotMs += this.#taken * (now - this.#countedAt);
    this.#countedAt = now;
  }

  /** Gives back what items have that are still running: their outcomes come too late. */
  close(): void {
    if (this.#closed) return;
    if (!this.#used) {
      if (this.#most === this.#slots.capacity) this.#slots.putBack(this);
      return;
    }
    this.#closed = true;
    if (this.#returning) {
      for (const taken of this.#returning) {
        this.#slots.stay(taken);
        taken();
      }
    }
    if (this.#awaited > 0) this.#slots.end(this.#awaited, this.#taken);
    if (this.#waitingBytes > 0) this.#slots.hold(-this.#waitingBytes);
  }
}
