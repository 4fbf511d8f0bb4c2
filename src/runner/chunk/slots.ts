/**
 * A semaphore of concurrency slots for items, shared by the chunks that run on one machine at the same time.
 * A chunk begins when all items of the one before it have begun, and takes the slots that those leave.
 */
import { IN_FLIGHT, INSIDE } from "../poison/heartbeat.ts";
import type { Heartbeat } from "../poison/heartbeat.ts";

export class Slots {
  readonly #heartbeat: Heartbeat;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(heartbeat: Heartbeat) {
    this.#heartbeat = heartbeat;
  }

  get taken(): number {
    return this.#taken;
  }

  take(): void {
    this.#heartbeat[IN_FLIGHT] = ++this.#taken;
  }

  free(slots: number): void {
    this.#taken -= slots;
    this.#heartbeat[IN_FLIGHT] = this.#taken;
    for (const wake of this.#waiting) wake();
  }

  /** Calls `wake` whenever a slot is freed, until `giveUp`. */
  await(wake: () => void): void {
    this.#waiting.add(wake);
  }

  giveUp(wake: () => void): void {
    this.#waiting.delete(wake);
  }

  /** From now on code of one more chunk's items may be running. */
  enter(): void {
    this.#heartbeat[INSIDE] = (this.#heartbeat[INSIDE] ?? 0) + 1;
  }

  leave(): void {
    this.#heartbeat[INSIDE] = (this.#heartbeat[INSIDE] ?? 0) - 1;
  }
}
