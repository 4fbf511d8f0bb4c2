/** Lets a pool grow as work comes: a request waits a moment for a busy thread, before another one starts. */
import { NativePromise } from "../../../core/native-promise.ts";

/** Most requests for a small input take less than a thread takes to start. */
const PATIENCE_MS = 50;
/** A job that takes longer to load is loaded in all threads at once: a later one would take as long again. */
export const SLOW_LOAD_MS = 1000;

export interface GrowthOptions {
  /** All threads have work, and another one may start. */
  readonly isScarce: () => boolean;
  /** Starts another thread, if one may start. */
  readonly grow: () => void;
}

export class Growth {
  readonly #options: GrowthOptions;
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GrowthOptions) {
    this.#options = options;
  }

  /** Resolves when the next request is to be sent. `null`: at once. */
  room(): Promise<void> | null {
    // None overtakes those that wait.
    if (this.#waiting.length === 0 && !this.#options.isScarce()) return null;
    this.#timer ??= setTimeout(() => this.#grow(), PATIENCE_MS);
    return new NativePromise((resolve) => void this.#waiting.push(resolve));
  }

  /** A thread has nothing to do. */
  freed(): void {
    this.#waiting.shift()?.();
    if (this.#waiting.length === 0) this.#stop();
  }

  /** Nothing waits any more: there is nothing to wait for. */
  end(): void {
    this.#stop();
    for (const send of this.#waiting.splice(0)) send();
  }

  #grow(): void {
    for (const _ of this.#waiting) this.#options.grow();
    this.end();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
