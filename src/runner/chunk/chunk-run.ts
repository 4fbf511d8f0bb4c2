/** One pass over the items of a chunk. */
import { NativePromise } from "../../core/native-promise.ts";
import type { Records } from "../../input/reader.ts";
import type { RunReading } from "../../input/runs/run-records.ts";
import type { ChunkReading } from "../../input/cut/spooled.ts";
import { elapsedMs } from "../captured.ts";
import { failedItem } from "../contribution/failed-items.ts";
import { BEGUN, PIECES } from "../poison/heartbeat.ts";
import type { Heartbeat } from "../poison/heartbeat.ts";
import { cutOutcome } from "./cutting/cut-outcome.ts";
import { cutRedo } from "./cutting/cut-redo.ts";
import type { Cutting, ItemPoint } from "./cutting/cutting.ts";
import type { AttemptContext } from "./attempt-context.ts";
import { attemptItem } from "../item/attempt-item.ts";
import { chunkOutcome } from "./chunk-outcome.ts";
import type { ChunkOutcome, Extent } from "./chunk-outcome.ts";
import { ChunkResult } from "./chunk-result.ts";
import { ChunkTime } from "./chunk-time.ts";
import { isFinal } from "../item/item-outcome.ts";
import { NOWHERE, isPlaced, knownIndex, placeOf } from "./item-place.ts";
import type { FailedOutcome, FinalOutcome } from "../item/item-outcome.ts";
import type { Redo } from "./redo/redo.ts";
import { OrderedWindow } from "../slots/ordered-window.ts";

/** `null`: it was interrupted. */
export type Ran = ChunkOutcome | null | Promise<ChunkOutcome | null>;

/** Items between two checks whether the batch is still wanted. */
const ITEMS_BETWEEN_CHECKS = 64;

/** In the place of an item to go on with: all items have run. */
const ALL = -1;
/** In the place of an item to go on with: the items are no longer wanted. */
const UNWANTED = -2;

/** One pass over a chunk. `#some` and `#accept` are the hottest code there is: they allocate nothing. */
export class ChunkRun {
  readonly #context: AttemptContext;
  readonly #reading: ChunkReading;
  readonly #itemsBetweenChecks: number;
  readonly #heartbeat: Heartbeat;
  readonly #time: ChunkTime;
  readonly #result: ChunkResult;
  readonly #isPlaced: boolean;
  readonly #redo: Redo | null;
  /** The first item that is run. */
  readonly #first: number;
  readonly #window: OrderedWindow;
  /** Items and lines of the records before the current ones. */
  #items = 0;
  #lines: number | null = 0;
  #inside = false;
  /** What the next item has to wait for. */
  #pause: Promise<unknown> | null = null;
  /** The first item that was not begun, if the run stopped before it. */
  #stopped: ItemPoint | null = null;

  constructor(context: AttemptContext, reading: ChunkReading, redo: Redo | null) {
    const { heartbeat, lease, signal } = context;
    this.#context = context;
    this.#reading = reading;
    this.#itemsBetweenChecks = context.yieldToEventLoop || redo ? 1 : ITEMS_BETWEEN_CHECKS;
    this.#heartbeat = heartbeat;
    this.#time = new ChunkTime(context);
    this.#isPlaced = isPlaced(context);
    this.#redo = redo;
    this.#first = redo?.indices[0] ?? 0;
    this.#result = redo?.result ?? new ChunkResult(context, { rebuilds: false });
    this.#window = new OrderedWindow(lease, signal, (outcome, records, index, before) =>
      this.#accept(outcome, records, index, before),
    );
  }

  /** `null` if it was interrupted. */
  run(): Ran {
    let finished: boolean | Promise<boolean>;
    try {
      const { hasRoom } = this.#context.lease;
      finished = hasRoom ? this.#all() : this.#window.room().then(() => this.#all());
    } catch (thrown) {
      this.#close();
      throw thrown;
    }
    if (typeof finished !== "boolean") return this.#outcomeAfter(finished);
    if (!finished && this.#context.cutting?.mayCut()) return this.#cutShort(this.#context.cutting);
    this.#close();
    return finished ? this.#outcome() : null;
  }

  async #outcomeAfter(finished: Promise<boolean>): Promise<ChunkOutcome | null> {
    const { cutting } = this.#context;
    try {
      // Items that run elsewhere are left.
      const isWhole = (await finished) && this.#window.isEmpty;
      if (!isWhole) return cutting?.mayCut() ? await this.#cutShort(cutting) : null;
    } finally {
      this.#close();
    }
    return this.#outcome();
  }

  /** The outcome of a chunk that was not run to its end; `null` if nothing of it is done. */
  async #cutShort(cutting: Cutting): Promise<ChunkOutcome | null> {
    const { abandoned } = this.#context;
    try {
      await this.#window.drain(abandoned, () => undefined);
    } finally {
      this.#close();
    }
    if (!cutting.mayCut()) return null;
    const rest = this.#window.rest();
    if (rest.length === 0 && this.#stopped === null) return this.#outcome();
    const reading = this.#reading;
    const lines = this.#lines;
    const { ms, tookMs } = this.#time;
    const { inDoubt } = reading as Partial<RunReading>;
    const extent = { ms, tookMs, items: this.#items, lines, ...(inDoubt ? { inDoubt } : {}) };
    const unfinished = { reading, result: this.#result, ...extent, rest, stopped: this.#stopped };
    if (this.#redo) return cutRedo(this.#context, unfinished, this.#redo, cutting);
    return cutOutcome(this.#context, unfinished, cutting);
  }

  #doubts(): Pick<Extent, "inDoubt"> {
    const { inDoubt } = this.#reading as Partial<RunReading>;
    return inDoubt === undefined ? {} : { inDoubt: inDoubt(Infinity) };
  }

  #isCutBefore(item: number): boolean {
    const { cutting } = this.#context;
    if (cutting === null || item <= this.#first) return false;
    return (cutting.isDue() && this.#pays(cutting)) || this.#window.isStuck;
  }

  #pays({ pays }: Cutting): boolean {
    return pays?.(this.#time.openingMs, this.#time.openMs) ?? true;
  }

  #stopAt(records: Records, index: number, before: number): typeof UNWANTED {
    this.#stopped = { records, index, before };
    return UNWANTED;
  }

  #close(): void {
    this.#context.careful?.close();
    this.#isInside(false);
    this.#window.close();
  }

  #outcome(): ReturnType<typeof chunkOutcome> {
    this.#redo?.reach(Infinity);
    const { ms, tookMs } = this.#time;
    const extent = { items: this.#items, lines: this.#lines, ms, tookMs, ...this.#doubts() };
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
  #all(): boolean | Promise<boolean> {
    const { kind, request } = this.#reading;
    const now = kind.readNow?.(request);
    if (!now) return this.#stream();
    const goesOn = this.#each(now);
    if (typeof goesOn !== "boolean") return goesOn.then((wanted) => wanted && this.#drain());
    return goesOn && (this.#window.isEmpty ? !this.#context.interrupted() : this.#drain());
  }

  async #stream(): Promise<boolean> {
    const { interrupted } = this.#context;
    const { kind, request } = this.#reading;
    for await (const records of kind.read(request)) {
      if (interrupted()) {
        this.#stopAt(records, 0, this.#items);
        return false;
      }
      const goesOn = this.#each(records);
      if (!(typeof goesOn === "boolean" ? goesOn : await goesOn)) return false;
    }
    return this.#drain();
  }

  #each(records: Records): boolean | Promise<boolean> {
    this.#isInside(true);
    if (this.#context.cutting?.pays) this.#time.open();
    this.#heartbeat[PIECES] = (this.#heartbeat[PIECES] ?? 0) + 1;
    const next = this.#timed(records, 0);
    if (next >= 0) return this.#rest(records, next);
    return next === ALL && this.#pass(records);
  }

  #timed(records: Records, from: number): number {
    if (!this.#context.overlaps) return this.#some(records, from);
    const began = elapsedMs();
    const next = this.#some(records, from);
    this.#time.add(elapsedMs() - began);
    return next;
  }

  /**
   * Runs the items from `from` on. Returns `ALL` or `UNWANTED`; or the item to go on with, if there is
   * something to wait for first: `#pause`, or a result to be unloaded.
   */
  #some(records: Records, from: number): number {
    const { length } = records.values;
    const before = this.#items;
    const context = this.#context;
    const { careful, interrupted, lease } = context;
    const heartbeat = this.#heartbeat;
    const window = this.#window;
    const redo = this.#redo;
    const result = this.#result;
    const between = this.#itemsBetweenChecks;
    // Known without asking the window as long as no item waits: it is asked for every item.
    let nothingWaits = window.isEmpty;
    this.#pause = null;
    for (let index = from; index < length; index++) {
      // A redo is cut only before an item that it wants.
      if (redo && !redo.wants(before + index)) continue;
      if (index % between === 0 && index > from) {
        if (interrupted()) return this.#stopAt(records, index, before);
        this.#pause = context.yieldToEventLoop?.() ?? null;
        if (this.#pause) return index;
      }
      if (this.#isCutBefore(before + index)) return this.#stopAt(records, index, before);
      heartbeat[BEGUN] = index;
      const outcome = careful
        ? careful.attempt(context, records, index, before + index)
        : attemptItem(context, records, index);
      if (outcome instanceof NativePromise) {
        window.await(outcome, { records, index, before, outcome: null, bytes: 0 });
        this.#pause = window.room();
        return index + 1;
      }
      if (nothingWaits && isFinal(outcome)) this.#accept(outcome, records, index, before);
      else {
        nothingWaits = false;
        window.add({ records, index, before, outcome, bytes: 0 });
        if (lease.isFull) this.#pause = window.room();
      }
      if (this.#pause || result.heavy) return index + 1;
      careful?.close();
    }
    return ALL;
  }

  /** The items from `from` on, after the wait that `#some` stopped for. */
  async #rest(records: Records, from: number): Promise<boolean> {
    const { careful, interrupted, yieldToEventLoop } = this.#context;
    let next = from;
    while (next >= 0) {
      if (this.#pause) await this.#pause;
      careful?.close();
      if (this.#result.heavy) await this.#result.unload();
      const turn = yieldToEventLoop?.();
      if (turn) await turn;
      // Behind the last one there is nothing to stop before.
      if (next < records.values.length && interrupted()) next = this.#stopAt(records, next, this.#items);
      else next = this.#timed(records, next);
    }
    return next === ALL && this.#pass(records);
  }

  /** The records are done with, but for items that are awaited. True, as nothing was interrupted. */
  #pass(records: Records): true {
    if (this.#window.inFlight === 0) this.#isInside(false);
    this.#items += records.values.length;
    this.#lines = this.#lines === null || records.lines === null ? null : this.#lines + records.lines;
    return true;
  }

  async #drain(): Promise<boolean> {
    const { interrupted, onDraining } = this.#context;
    await this.#window.drain(interrupted, onDraining);
    return !interrupted();
  }

  #accept(outcome: FinalOutcome, records: Records, index: number, before: number): void {
    this.#redo?.reach(before + index);
    if (!outcome.ok) return this.#fail(outcome, records, index, before);
    const place = this.#isPlaced ? placeOf(this.#context, records, index) : NOWHERE;
    const refused = this.#result.add(outcome.value, place);
    if (refused) this.#fail(refused, records, index, before);
  }

  #fail(failure: FailedOutcome, records: Records, index: number, before: number): void {
    const { label, chunk } = this.#context;
    const place = before + index;
    const attempts = failure.attempts + (this.#redo?.attemptsBefore(place) ?? 0);
    const { toEnd } = records.unreadable?.get(index) ?? {};
    const item = { ...records.locate(index), ...(toEnd ? { toEnd } : {}), index: place, chunk, attempts };
    this.#result.failNow(failedItem(failure, item, label), knownIndex(this.#context, this.#reading, place));
  }
}
