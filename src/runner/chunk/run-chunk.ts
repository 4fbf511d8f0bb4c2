/**
 * One chunk: its items in order through `process` into the join, the outputs and the list of failed items.
 */
import type { Contribution } from "../../core/records/contribution.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { failedLineText } from "../../core/failed-line.ts";
import type { FailedLine } from "../../core/failed-line.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Span } from "../../core/span.ts";
import type { Totals } from "../../core/records/tree.ts";
import { isUnreadable } from "../../input/unpack/damage.ts";
import { readerKinds } from "../../input/kinds.ts";
import type { ReadRequest, ReaderKind, Records, Source } from "../../input/reader.ts";
import { readingOf, unreadableKind } from "../../input/cut/spooled.ts";
import type { ChunkReading } from "../../input/cut/spooled.ts";
import type { ObjectStore } from "../../ports.ts";
import { attemptItem } from "./attempt-item.ts";
import { describeError } from "../describe-error.ts";
import type { Outcome } from "./item-outcome.ts";
import type { ChunkContext } from "./item-context.ts";
import type { DescribedError } from "../describe-error.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import type { CarefulAttempt } from "./careful-attempt.ts";
import type { Slots } from "./slots.ts";
import { BEGUN, PIECES } from "../poison/heartbeat.ts";
import type { Heartbeat } from "../poison/heartbeat.ts";
import { ChunkResult } from "./chunk-result.ts";
import type { ResultParts, ResultRules } from "./chunk-result.ts";

/** How one attempt at a chunk is made. */
export interface AttemptContext extends ChunkContext, ResultRules {
  readonly heartbeat: Heartbeat;
  readonly slots: Slots;
  /** Called when all items have begun, if some are still awaited. */
  readonly onDraining?: () => void;
  /** One item at a time; `null` = as the job says. */
  readonly careful: CarefulAttempt | null;
  /**
   * Where time is short: after every item it is looked at whether the item is still wanted, and the event
   * loop may turn.
   */
  readonly yieldToEventLoop?: (() => Promise<void> | null) | null;
}

/** What a finished chunk comes to; `contribution` is `null` where there is nothing to keep. */
export interface ChunkOutcome {
  readonly totals: Totals;
  readonly contribution: Contribution | null;
  /** The chunk has to be run once more, under these rules, before it counts. */
  readonly again: Partial<ResultRules> | null;
}

/** How many items are looked at between two looks at whether the batch is still wanted. */
const ITEMS_BETWEEN_LOOKS = 64;
/**
 * Results that wait for a slower item before them, per item in flight: bounds memory, and keeps slots busy.
 */
const WAITING_PER_SLOT = 16;
/** A failed item's raw text in `failed.jsonl`, in bytes. */
const MAX_RAW_BYTES = 8192;

/** Of a chunk that was settled before: which items are done again, and what lies between them. */
export interface Redo {
  readonly result: ChunkResult;
  /** Whether the item at `index`, counted from the chunk's beginning, is to be done again. */
  wants(index: number): boolean;
  /** Takes over what lies before this item. */
  reach(index: number): void;
  /** How often the item was tried before. */
  attemptsBefore(index: number): number;
}

/**
 * Runs one chunk, or those items of it that a redo wants; `null` if it was interrupted.
 * Throws what the store throws: the chunk is then tried again.
 */
export async function runChunk(
  context: AttemptContext,
  spec: BatchSpec,
  message: ChunkMessage,
  store: ObjectStore,
  interrupted: () => boolean,
  makeRedo: (() => Redo) | null = null,
): Promise<ChunkOutcome | null> {
  const source = spec.input.sources[message.source];
  if (!source)
    throw new RangeError(`chunk ${message.chunk} is of source ${message.source}, which the batch lacks`);
  const kind = readerKinds[spec.input.reader];
  const { start, end } = message;
  const range = { source: message.source, start, end };
  const plain = { source, range, options: spec.input.options, store, signal: context.signal };
  const runAs = (reading: ChunkReading): Promise<ChunkOutcome | null> =>
    new ChunkRun(context, message, reading, store, makeRedo?.() ?? null).outcome(interrupted);
  try {
    return await runAs(readingOf(kind, plain, message.spool));
  } catch (thrown) {
    // Beside other sources one that cannot be read costs an item; alone it ends the batch.
    if (!isUnreadable(thrown) || spec.input.sources.length === 1) throw thrown;
    return runAs({ kind: unreadableKind(kind, null, thrown.message), request: plain });
  }
}

type Origin = Awaited<ReturnType<ReaderKind["origin"]>>;

/** An item whose result is awaited, or waits for those before it. */
interface PendingItem {
  readonly records: Records;
  readonly index: number;
  readonly before: number;
  outcome: Outcome | null;
}

class ChunkRun {
  readonly #context: AttemptContext;
  readonly #concurrency: number;
  readonly #itemsBetweenLooks: number;
  readonly #heartbeat: Heartbeat;
  readonly #message: ChunkMessage;
  readonly #source: Source;
  readonly #kind: ReaderKind;
  readonly #request: ReadRequest;
  readonly #startedAt = performance.now();
  readonly #result: ChunkResult;
  readonly #redo: Redo | null;
  /** Items and lines of the records before the current ones. */
  #items = 0;
  #lines: number | null = 0;
  #pending: PendingItem[] = [];
  #inFlight = 0;
  #inside = false;
  #over = false;
  #listening = false;
  #wake: (() => void) | null = null;
  readonly #woken = (): void => this.#wake?.();

  constructor(
    context: AttemptContext,
    message: ChunkMessage,
    { kind, request }: ChunkReading,
    store: ObjectStore,
    redo: Redo | null,
  ) {
    this.#context = context;
    this.#concurrency = context.careful ? 1 : context.job.options.concurrency;
    this.#itemsBetweenLooks = context.yieldToEventLoop ? 1 : ITEMS_BETWEEN_LOOKS;
    this.#heartbeat = context.heartbeat;
    this.#message = message;
    this.#source = request.source;
    this.#kind = kind;
    this.#request = request;
    this.#redo = redo;
    this.#result = redo?.result ?? new ChunkResult(context, store, message.chunk, { rebuilds: false });
  }

  /** Runs every item; `null` if interrupted. */
  async outcome(interrupted: () => boolean): Promise<ChunkOutcome | null> {
    try {
      if (!(await this.#run(interrupted))) return null;
    } finally {
      this.#over = true;
      this.#context.careful?.close();
      this.#isInside(false);
      if (this.#listening) this.#stopListening();
      if (this.#inFlight > 0) this.#context.slots.free(this.#inFlight);
    }
    return this.#finish();
  }

  /** Before the first wait only: most chunks never wait, and listening costs as much as an item. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#context.signal.addEventListener("abort", this.#woken);
    this.#context.slots.await(this.#woken);
  }

  #stopListening(): void {
    const { signal, slots } = this.#context;
    slots.giveUp(this.#woken);
    signal.removeEventListener("abort", this.#woken);
  }

  #isInside(inside: boolean): void {
    if (inside === this.#inside) return;
    this.#inside = inside;
    if (inside) this.#context.slots.enter();
    else this.#context.slots.leave();
  }

  #run(interrupted: () => boolean): Promise<boolean> {
    if (this.#context.slots.taken === 0) return this.#runNow(interrupted);
    return this.#whileBusy().then(() => this.#runNow(interrupted));
  }

  /** Not itself asynchronous: a chunk that is read at once would pay for what only a stream needs. */
  #runNow(interrupted: () => boolean): Promise<boolean> {
    const now = this.#kind.readNow?.(this.#request);
    return now ? this.#runPiece(now, interrupted) : this.#runPieces(interrupted);
  }

  async #runPiece(records: Records, interrupted: () => boolean): Promise<boolean> {
    return (await this.#each(records, interrupted)) && this.#drain(interrupted);
  }

  async #runPieces(interrupted: () => boolean): Promise<boolean> {
    for await (const records of this.#kind.read(this.#request)) {
      if (interrupted() || !(await this.#each(records, interrupted))) return false;
    }
    return this.#drain(interrupted);
  }

  async #each(records: Records, interrupted: () => boolean): Promise<boolean> {
    const { length } = records.values;
    const before = this.#items;
    const lines = this.#lines;
    const { careful } = this.#context;
    const heartbeat = this.#heartbeat;
    this.#isInside(true);
    heartbeat[PIECES] = (heartbeat[PIECES] ?? 0) + 1;
    for (let index = 0; index < length; index++) {
      if (index % this.#itemsBetweenLooks === 0 && index > 0) {
        const isOver = this.#look(interrupted);
        if (isOver && (await isOver)) return false;
      }
      if (this.#redo && !this.#redo.wants(before + index)) continue;
      heartbeat[BEGUN] = index;
      const outcome = careful
        ? careful.attempt(records, index, before + index)
        : attemptItem(this.#context, records, index);
      if (outcome instanceof Promise) {
        this.#await(outcome, { records, index, before, outcome: null });
        await this.#whileBusy();
        if (interrupted()) return false;
      } else if (this.#pending.length > 0) {
        this.#pending.push({ records, index, before, outcome });
        if (this.#crowded()) await this.#whileBusy();
      } else this.#accept(outcome, records, index, before);
      careful?.close();
      if (this.#result.heavy) await this.#result.unload();
    }
    if (this.#inFlight === 0) this.#isInside(false);
    this.#items = before + length;
    this.#lines = lines === null || records.lines === null ? null : lines + records.lines;
    return true;
  }

  /**
   * Whether the items are wanted no longer. A promise only where there is something to wait for: most items
   * are done sooner than one.
   */
  #look(interrupted: () => boolean): boolean | Promise<boolean> {
    if (interrupted()) return true;
    return this.#context.yieldToEventLoop?.()?.then(interrupted) ?? false;
  }

  #await(promise: Promise<Outcome>, item: PendingItem): void {
    this.#pending.push(item);
    const { slots } = this.#context;
    this.#inFlight++;
    slots.take();
    const settle = (outcome: Outcome): void => {
      item.outcome = outcome;
      if (this.#over) return;
      this.#inFlight--;
      slots.free(1);
    };
    // An attempt never rejects; should it ever, that is one failed item and not a dead process.
    promise.then(settle, (thrown: unknown) => {
      settle({ ok: false, code: "ITEM_FAILED", error: describeError(thrown), attempts: 1 });
    });
  }

  #crowded(): boolean {
    return this.#pending.length >= this.#concurrency * WAITING_PER_SLOT;
  }

  /** Waits until another item may be started. */
  async #whileBusy(): Promise<void> {
    const { signal, slots } = this.#context;
    this.#acceptReady();
    while (!signal.aborted && (slots.taken >= this.#concurrency || this.#crowded())) {
      await this.#next();
    }
  }

  async #drain(interrupted: () => boolean): Promise<boolean> {
    this.#acceptReady();
    if (this.#pending.length > 0) this.#context.onDraining?.();
    while (this.#pending.length > 0 && !interrupted()) await this.#next();
    return !interrupted();
  }

  /** Waits for an item in flight to finish, or for the batch to end. */
  async #next(): Promise<void> {
    // The first may have finished since it was looked at, when nobody waited who could be woken.
    if (!this.#pending[0]?.outcome) {
      this.#listen();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    this.#acceptReady();
  }

  /** Results enter the join in input order, whenever they arrive. */
  #acceptReady(): void {
    let ready = 0;
    for (; ready < this.#pending.length; ready++) {
      const item = this.#pending[ready];
      if (!item?.outcome) break;
      this.#accept(item.outcome, item.records, item.index, item.before);
    }
    if (ready > 0) this.#pending = this.#pending.slice(ready);
  }

  #accept(outcome: Outcome, records: Records, index: number, before: number): void {
    this.#redo?.reach(before + index);
    if (!outcome.ok) return this.#fail(outcome.code, outcome.error, outcome.attempts, records, index, before);
    const refused = this.#result.add(outcome.value);
    if (refused) this.#fail(refused.code, refused.error, 1, records, index, before);
  }

  #fail(
    code: ErrorCode,
    error: DescribedError,
    attempts: number,
    records: Records,
    index: number,
    before: number,
  ): void {
    const { source = this.#source.label, offset, line, raw } = records.locate(index);
    const failed: FailedLine = {
      source,
      // Both count from the chunk's beginning; the join adds what came before.
      index: before + index,
      line,
      offset,
      chunk: this.#message.chunk,
      attempts: attempts + (this.#redo?.attemptsBefore(before + index) ?? 0),
      code,
      error,
      item: clip(raw),
    };
    this.#result.fail(failedLineText(failed));
  }

  async #finish(): Promise<ChunkOutcome> {
    this.#redo?.reach(Infinity);
    const totals = this.#totals();
    if (!this.#context.job.join && this.#kind.indexed && totals.failed === 0)
      return { totals, contribution: null, again: null };
    const result = await this.#result.finish();
    const from = await this.#kind.origin(this.#request);
    return { totals, contribution: this.#contribution(result, from), again: this.#result.again };
  }

  #totals(): Totals {
    const { start, end, spool } = this.#message;
    const { succeeded, failures } = this.#result;
    // Offsets in a spool are in bytes, whatever the unit is.
    const inItems = spool !== undefined && this.#kind.unit === "items";
    return {
      chunks: 1,
      lost: 0,
      broken: 0,
      succeeded,
      failed: failures,
      units: inItems ? this.#items : end - start,
      ms: Math.round((performance.now() - this.#startedAt) * 1000) / 1000,
    };
  }

  #contribution({ parts, failed }: ResultParts, from: Origin): Contribution {
    const { origin, span } = this.#spans(from);
    if (failed.length === 0) return { ...parts, span };
    return { ...parts, failed: failed.map((piece) => ({ piece, base: origin })), span };
  }

  /** Where this chunk begins, as far as the reader knows, and how far it reaches. */
  #spans(from: Origin): { origin: Span; span: Span } {
    const anchored = from !== null;
    const origin = { items: from?.items ?? 0, lines: from === null ? 0 : from.lines, anchored };
    const items = origin.items + this.#items;
    const lines = origin.lines === null || this.#lines === null ? null : origin.lines + this.#lines;
    return { origin, span: { items, lines, anchored } };
  }
}

function clip(raw: string): string {
  if (raw.length * 3 <= MAX_RAW_BYTES) return raw;
  const bytes = Buffer.from(raw);
  if (bytes.length <= MAX_RAW_BYTES) return raw;
  let end = MAX_RAW_BYTES;
  // Not in the middle of a character: continuation bytes are 10xxxxxx.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}
