/**
 * The slots for items on one machine, shared by the chunks that run there at the same time: one begins when
 * all items of the one before it have begun, so that slots which its last items leave empty are filled.
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

  /** `wake` is called whenever a place is freed, until it is given up. */
  await(wake: () => void): void {
    this.#waiting.add(wake);
  }

  giveUp(wake: () => void): void {
    this.#waiting.delete(wake);
  }

  /** Code of one more chunk's items may be running. */
  enter(): void {
    this.#heartbeat[INSIDE] = (this.#heartbeat[INSIDE] ?? 0) + 1;
  }

  leave(): void {
    this.#heartbeat[INSIDE] = (this.#heartbeat[INSIDE] ?? 0) - 1;
  }
}
