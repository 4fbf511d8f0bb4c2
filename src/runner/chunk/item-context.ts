import type { Records } from "../../input/reader.ts";
import type { Context, Job, Logger, Position } from "../../job/job.ts";

/** Where the items of one chunk run. */
export interface Surroundings {
  readonly job: Job;
  /** As the job's schema made them. */
  readonly params: unknown;
  /** The source's label and the chunk's number, for positions. */
  readonly label: string;
  readonly chunk: number;
  readonly log: Logger;
  /** Aborted when the batch ends or the process stops. */
  readonly signal: AbortSignal;
  /** When this attempt has to be over, in milliseconds since the epoch. */
  readonly deadlineAt: number;
  readonly now: () => number;
  readonly random: () => number;
}

/**
 * What `process` is given beside the item. Everything is worked out when asked for: most jobs ask for
 * nothing.
 */
export class ItemContext implements Context {
  readonly attempt: number;
  readonly #around: Surroundings;
  readonly #records: Records;
  readonly #index: number;
  #controller: AbortController | null = null;
  #signal: AbortSignal | null = null;

  constructor(around: Surroundings, records: Records, index: number, attempt: number) {
    this.#around = around;
    this.#records = records;
    this.#index = index;
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    // The same one each time: a listener can only be removed from the signal that it was added to.
    this.#signal ??= AbortSignal.any([this.#around.signal, this.#controller.signal]);
    return this.#signal;
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }

  get position(): Position {
    const { label, chunk } = this.#around;
    const { source = label, offset } = this.#records.locate(this.#index);
    return { source, chunk, index: this.#index, offset };
  }

  get params(): unknown {
    return this.#around.params;
  }

  get log(): Logger {
    return this.#around.log;
  }

  remainingMs(): number {
    return Math.max(0, this.#around.deadlineAt - this.#around.now());
  }
}
