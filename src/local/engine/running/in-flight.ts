/** Room for calls in flight, shared by the threads of an engine. */
import type { LimitsHolder } from "../../threads/thread-limits.ts";

interface Waiter {
  readonly holder: LimitsHolder;
  readonly enter: () => void;
}

/** The room of one batch: who has how much of it, and who waits, in turn. */
export class InFlightRoom {
  readonly #taken = new Map<LimitsHolder, number>();
  #waiting: Waiter[] = [];
  #limit = 0;

  get isUnused(): boolean {
    return this.#taken.size === 0 && this.#waiting.length === 0;
  }

  /** `limit`: as it is now. Resolves when there is room. */
  enter(holder: LimitsHolder, limit: number): Promise<void> {
    this.#limit = limit;
    return new Promise((enter) => {
      this.#waiting.push({ holder, enter });
      this.#admit();
    });
  }

  /** The limit was changed: those that wait do not wait for the next call to notice it. */
  limitTo(limit: number): void {
    this.#limit = limit;
    this.#admit();
  }

  leave(holder: LimitsHolder): void {
    const taken = this.#taken.get(holder) ?? 0;
    if (taken > 1) this.#taken.set(holder, taken - 1);
    else this.#taken.delete(holder);
    this.#admit();
  }

  /** The holder has ended. */
  gone(holder: LimitsHolder): void {
    this.#waiting = this.#waiting.filter((waiter) => waiter.holder !== holder);
    this.#taken.delete(holder);
    this.#admit();
  }

  #admit(): void {
    let all = [...this.#taken.values()].reduce((sum, taken) => sum + taken, 0);
    while (all < this.#limit) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#taken.set(next.holder, (this.#taken.get(next.holder) ?? 0) + 1);
      all++;
      next.enter();
    }
  }
}
