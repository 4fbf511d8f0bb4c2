/**
 * How many calls of one thread or function may be in flight at a service whose limit nobody knows: additive
 * increase and multiplicative decrease, as in TCP (https://www.rfc-editor.org/rfc/rfc5681#section-3.1). All
 * that call one service do so by themselves, and come to share it.
 */

/** The size at first. It doubles with each round of calls until the first refusal. */
const FIRST_SIZE = 4;
/** What is left of the size after a refusal. */
const DECREASE = 0.7;

export class AdaptiveWindow {
  readonly #most: number;
  #size: number;
  #inFlight = 0;
  /** No call was refused yet. */
  #isStarting = true;
  /** Calls that ended well since the size was changed, while as many were in flight as may be. */
  #used = 0;
  /** So many of the next calls to end began before the last decrease: they say nothing about the new size. */
  #before = 0;

  constructor(most: number) {
    this.#most = most;
    this.#size = Math.min(FIRST_SIZE, most);
  }

  /** How many calls may be in flight. */
  get size(): number {
    return Math.max(1, Math.floor(this.#size));
  }

  get hasRoom(): boolean {
    return this.#inFlight < this.size;
  }

  begin(): void {
    this.#inFlight++;
  }

  /** A call was not made after all. */
  giveUp(): void {
    this.#inFlight--;
  }

  /** `refused`: the service has said that it gets too many calls. */
  end(refused: boolean): void {
    const isFull = !this.hasRoom;
    this.#inFlight--;
    if (this.#before > 0) this.#before--;
    else if (refused) this.#decrease();
    else if (isFull) this.#increase();
  }

  /** At most once for the calls that are in flight: they all meet the same state of the service. */
  #decrease(): void {
    this.#isStarting = false;
    this.#size = Math.max(1, this.#size * DECREASE);
    this.#used = 0;
    this.#before = this.#inFlight;
  }

  #increase(): void {
    if (!this.#isStarting && ++this.#used < this.size) return;
    this.#used = 0;
    this.#size = Math.min(this.#most, this.#size + 1);
  }
}
