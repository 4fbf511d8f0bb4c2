/** Runs one chunk: its items in order through `process` into the chunk's result. */
import { NativePromise } from "../../core/native-promise.ts";
import { isUnreadable } from "../../input/unpack/damage.ts";
import { readerKinds } from "../../input/kinds.ts";
import type { Records } from "../../input/reader.ts";
import { readingOf, unreadableKind } from "../../input/cut/spooled.ts";
import type { ChunkReading } from "../../input/cut/spooled.ts";
import { elapsedMs } from "../captured.ts";
import { failedItemLine } from "../contribution/failed-items.ts";
import { BEGUN, PIECES } from "../poison/heartbeat.ts";
import type { Heartbeat } from "../poison/heartbeat.ts";
import type { AttemptContext } from "./attempt-context.ts";
import { attemptItem } from "../item/attempt-item.ts";
import { chunkOutcome } from "./chunk-outcome.ts";
import type { ChunkOutcome } from "./chunk-outcome.ts";
import { ChunkResult } from "./chunk-result.ts";
import type { FailedOutcome, Outcome } from "../item/item-outcome.ts";
import { OrderedWindow } from "./ordered-window.ts";

/** Items between two checks whether the batch is still wanted. */
const ITEMS_BETWEEN_CHECKS = 64;

/** For a chunk that was settled before: which items are run again, and what lies between them. */
export interface Redo {
  /** Takes what the items of this attempt come to. */
  readonly result: ChunkResult;
  /** Whether the item at `index`, counted from the chunk's beginning, is run again. */
  wants(index: number): boolean;
  /** Adds everything before this item that the earlier attempt made. */
  reach(index: number): void;
  /** How often the item was tried before. */
  attemptsBefore(index: number): number;
}

/**
 * Runs the items of one chunk, or those that a redo wants. `null` if it was interrupted. Throws what the
 * store throws: the chunk is then tried again.
 */
export async function runChunk(
  context: AttemptContext,
  makeRedo: (() => Redo) | null = null,
): Promise<ChunkOutcome | null> {
  const { spec, message, store, signal } = context;
  const { sources, options, reader } = spec.input;
  const source = sources[message.source];
  if (!source)
    throw new RangeError(`chunk ${message.chunk} is of source ${message.source}, which the batch lacks`);
  const kind = readerKinds[reader];
  const range = { source: message.source, start: message.start, end: message.end };
  const request = { source, range, options, store, signal };
  const run = (reading: ChunkReading): Promise<ChunkOutcome | null> =>
    new ChunkRun(context, reading, makeRedo?.() ?? null).run();
  try {
    return await run(readingOf(kind, request, message));
  } catch (thrown) {
    // An unreadable source costs one item. If it is the batch's only source, it ends the batch.
    if (!isUnreadable(thrown) || sources.length === 1) throw thrown;
    return run({ kind: unreadableKind(kind, null, thrown.message), request });
  }
}

/** One pass over a chunk. `#each` and `#accept` are the hottest code there is: they allocate nothing. */
class ChunkRun {
  readonly #context: AttemptContext;
  readonly #reading: ChunkReading;
  readonly #itemsBetweenChecks: number;
  readonly #heartbeat: Heartbeat;
  readonly #startedAt = elapsedMs();
  readonly #result: ChunkResult;
  readonly #redo: Redo | null;
  readonly #window: OrderedWindow;
  /** Items and lines of the records before the current ones. */
  #items = 0;
  #lines: number | null = 0;
  #inside = false;

  constructor(context: AttemptContext, reading: ChunkReading, redo: Redo | null) {
    const { careful, job, heartbeat } = context;
    this.#context = context;
    this.#reading = reading;
    this.#itemsBetweenChecks = context.yieldToEventLoop ? 1 : ITEMS_BETWEEN_CHECKS;
    this.#heartbeat = heartbeat;
    this.#redo = redo;
    this.#result = redo?.result ?? new ChunkResult(context, { rebuilds: false });
    this.#window = new OrderedWindow(
      context,
      careful ? 1 : job.options.concurrency,
      (outcome, records, index, before) => this.#accept(outcome, records, index, before),
    );
  }

  /** `null` if it was interrupted. */
  async run(): Promise<ChunkOutcome | null> {
    try {
      if (!(await this.#all())) return null;
    } finally {
      this.#context.careful?.close();
      this.#isInside(false);
      this.#window.close();
    }
    this.#redo?.reach(Infinity);
    const ms = Math.round((elapsedMs() - this.#startedAt) * 1000) / 1000;
    const extent = { items: this.#items, lines: this.#lines, ms };
    return chunkOutcome(this.#context, this.#reading, this.#result, extent);
  }

  /** Tells the watchdog whether code of this chunk's items may be running. */
  #isInside(inside: boolean): void {
    if (inside === this.#inside) return;
    this.#inside = inside;
    if (inside) this.#context.slots.enter();
    else this.#context.slots.leave();
  }

  /** Runs every item; false if interrupted. */
  #all(): Promise<boolean> {
    if (this.#context.slots.taken === 0) return this.#allNow();
    return this.#window.room().then(() => this.#allNow());
  }

  /** Not asynchronous itself: a chunk that is read at once would pay for what only a stream needs. */
  #allNow(): Promise<boolean> {
    const { kind, request } = this.#reading;
    const now = kind.readNow?.(request);
    return now ? this.#allOf(now) : this.#stream();
  }

  async #allOf(records: Records): Promise<boolean> {
    return (await this.#each(records)) && this.#drain();
  }

  async #stream(): Promise<boolean> {
    const { interrupted } = this.#context;
    const { kind, request } = this.#reading;
    for await (const records of kind.read(request)) {
      if (interrupted() || !(await this.#each(records))) return false;
    }
    return this.#drain();
  }

  async #each(records: Records): Promise<boolean> {
    const { length } = records.values;
    const before = this.#items;
    const context = this.#context;
    const { careful, interrupted } = context;
    const heartbeat = this.#heartbeat;
    const window = this.#window;
    // Known without asking the window as long as no item waits: it is asked for every item.
    let nothingWaits = window.isEmpty;
    this.#isInside(true);
    heartbeat[PIECES] = (heartbeat[PIECES] ?? 0) + 1;
    for (let index = 0; index < length; index++) {
      if (index % this.#itemsBetweenChecks === 0 && index > 0) {
        const isOver = this.#check();
        if (isOver && (await isOver)) return false;
      }
      if (this.#redo && !this.#redo.wants(before + index)) continue;
      heartbeat[BEGUN] = index;
      const outcome = careful
        ? careful.attempt(context, records, index, before + index)
        : attemptItem(context, records, index);
      if (outcome instanceof NativePromise) {
        nothingWaits = false;
        window.await(outcome, { records, index, before, outcome: null });
        await window.room();
        if (interrupted()) return false;
      } else if (nothingWaits || window.isEmpty) this.#accept(outcome, records, index, before);
      else {
        window.add({ records, index, before, outcome });
        if (window.isFull) await window.room();
      }
      careful?.close();
      if (this.#result.heavy) await this.#result.unload();
    }
    if (window.inFlight === 0) this.#isInside(false);
    this.#items = before + length;
    this.#lines = this.#lines === null || records.lines === null ? null : this.#lines + records.lines;
    return true;
  }

  /** Whether the items are no longer wanted. A promise only where there is something to wait for. */
  #check(): boolean | Promise<boolean> {
    const { interrupted, yieldToEventLoop } = this.#context;
    if (interrupted()) return true;
    return yieldToEventLoop?.()?.then(interrupted) ?? false;
  }

  async #drain(): Promise<boolean> {
    const { interrupted, onDraining } = this.#context;
    await this.#window.drain(interrupted, onDraining);
    return !interrupted();
  }

  #accept(outcome: Outcome, records: Records, index: number, before: number): void {
    this.#redo?.reach(before + index);
    if (!outcome.ok) return this.#fail(outcome, records, index, before);
    const refused = this.#result.add(outcome.value);
    if (refused) this.#fail(refused, records, index, before);
  }

  #fail(failure: FailedOutcome, records: Records, index: number, before: number): void {
    const { label, chunk } = this.#context;
    const place = before + index;
    const attempts = failure.attempts + (this.#redo?.attemptsBefore(place) ?? 0);
    const { toEnd } = records.unreadable?.get(index) ?? {};
    const item = { ...records.locate(index), ...(toEnd ? { toEnd } : {}), index: place, chunk, attempts };
    this.#result.fail(failedItemLine(failure, item, label));
  }
}
