/** The context that `process` is given with an item, and that of the item's chunk. */
import type { Records } from "../../input/reader.ts";
import type { Context, Job, Logger, Position } from "../../job/job.ts";
import type { SlotLease } from "../slots/slot-lease.ts";
import type { ItemGate } from "../limits/item-gate.ts";
import { anySignal, newAbortController } from "../captured.ts";

/** Shared by the items of one chunk. One object for each attempt at a chunk. */
export interface ChunkContext {
  readonly job: Job;
  /** As the job's schema made them. */
  readonly params: unknown;
  /** What the job's `setup` returned. */
  readonly own: unknown;
  readonly batch: string;
  /** The number of the chunk's source, from 0, and its label, for positions. */
  readonly source: number;
  readonly label: string;
  /** The number of the chunk, for positions. */
  readonly chunk: number;
  readonly log: Logger;
  /** Aborted when the batch ends or the process stops. */
  readonly signal: AbortSignal;
  /** When this attempt has to end, in milliseconds since the epoch. */
  readonly deadlineAt: number;
  /** Items that would wait for longer run elsewhere, but not after this. `null`: they fail. */
  readonly leavesUntil: number | null;
  /** How long its items have waited before, because they were asked to, in milliseconds. */
  readonly waitedMs: number;
  readonly now: () => number;
  readonly random: () => number;
  /** Resolves after so many milliseconds, or when `signal` fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Lets an item wait without a slot; `null`: it keeps its slot while it waits. */
  readonly aside: Pick<SlotLease, "away"> | null;
  /** Admits each call of `process`; `null`: the job has no limits. */
  readonly gate: ItemGate | null;
}

/** The second argument of `process`. Its values are computed on demand, because most jobs use none. */
export class ItemContext implements Context {
  readonly attempt: number;
  /** How long the item has waited so far because it was asked to. */
  readonly waitedMs: number;
  readonly #chunk: ChunkContext;
  readonly #records: Records;
  readonly #index: number;
  #controller: AbortController | null = null;
  #signal: AbortSignal | null = null;

  // Positional: one for every item.
  constructor(chunk: ChunkContext, records: Records, index: number, attempt: number, waitedMs = 0) {
    this.#chunk = chunk;
    this.#records = records;
    this.#index = index;
    this.attempt = attempt;
    this.waitedMs = waitedMs;
  }

  get signal(): AbortSignal {
    this.#controller ??= newAbortController();
    // The same signal each time: a listener can only be removed from the signal that it was added to.
    this.#signal ??= anySignal([this.#chunk.signal, this.#controller.signal]);
    return this.#signal;
  }

  abort(reason: unknown): void {
    this.#controller ??= newAbortController();
    this.#controller.abort(reason);
  }

  get position(): Position {
    const { label, chunk } = this.#chunk;
    const { source = label, offset } = this.#records.locate(this.#index);
    return { source, chunk, index: this.#index, offset };
  }

  get params(): unknown {
    return this.#chunk.params;
  }

  get own(): unknown {
    return this.#chunk.own;
  }

  get log(): Logger {
    return this.#chunk.log;
  }

  remainingMs(): number {
    return Math.max(0, this.#chunk.deadlineAt - this.#chunk.now());
  }

  get key(): string {
    const { key, within } = this.#records.locate(this.#index);
    return `${this.#chunk.batch}-${within?.source ?? this.#chunk.source}-${key}`;
  }

  /** The item before the schema, made anew by its reader. */
  readAgain(): unknown {
    const records = this.#records;
    return records.again ? records.again(this.#index) : records.values[this.#index];
  }

  /** The context of the item's next attempt. */
  next(): ItemContext {
    return new ItemContext(this.#chunk, this.#records, this.#index, this.attempt + 1, this.waitedMs);
  }

  /** The context of the same attempt, begun anew after a wait of `ms` that the last one asked for. */
  again(ms: number): ItemContext {
    return new ItemContext(this.#chunk, this.#records, this.#index, this.attempt, this.waitedMs + ms);
  }
}
