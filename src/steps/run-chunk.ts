/** One chunk: its items in order through `process` into the join, the outputs and the list of failed items. */
import { INLINE_TEXT } from "../core/contribution.ts";
import type { Contribution, Piece } from "../core/contribution.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { ChunkMessage } from "../core/message.ts";
import type { Span } from "../core/span.ts";
import type { Totals } from "../core/tree.ts";
import { isUnreadable } from "../input/damage.ts";
import { readerKinds } from "../input/kinds.ts";
import type { ReaderKind, ReadRequest, Records, Source } from "../input/reader.ts";
import { readingOf, unreadableKind } from "../input/spooled.ts";
import type { ChunkReading } from "../input/spooled.ts";
import type { ObjectStore } from "../ports.ts";
import { attemptItem, describe } from "./attempt-item.ts";
import type { Described, Outcome, Surroundings } from "./attempt-item.ts";
import type { BatchSpec } from "./batch.ts";
import { PieceWriter } from "./piece-writer.ts";

/** What a finished chunk comes to; `contribution` is `null` where there is nothing to keep. */
export interface ChunkOutcome {
  readonly totals: Totals;
  readonly contribution: Contribution | null;
}

/** How many items are looked at between two looks at whether the batch is still wanted. */
const ITEMS_BETWEEN_LOOKS = 64;
/** Results that wait for a slower item before them, per item in flight: bounds memory, and keeps slots busy. */
const WAITING_PER_SLOT = 16;
/** A failed item's raw text in `failed.jsonl`, in bytes. */
const MAX_RAW_BYTES = 8192;

/** Runs one chunk; `null` if it was interrupted. Throws what the store throws: the chunk is then tried again. */
export async function runChunk(
  around: Surroundings,
  spec: BatchSpec,
  message: ChunkMessage,
  store: ObjectStore,
  interrupted: () => boolean,
): Promise<ChunkOutcome | null> {
  const source = spec.input.sources[message.source];
  if (!source)
    throw new RangeError(`chunk ${message.chunk} is of source ${message.source}, which the batch lacks`);
  const kind = readerKinds[spec.input.reader];
  const { start, end } = message;
  const range = { source: message.source, start, end };
  const plain = { source, range, options: spec.input.options, store };
  const runAs = async (reading: ChunkReading): Promise<ChunkOutcome | null> => {
    const run = new ChunkRun(around, message, reading, store);
    return (await run.all(interrupted)) ? run.finish() : null;
  };
  try {
    return await runAs(readingOf(kind, plain, message.spool));
  } catch (thrown) {
    // Beside other sources one that cannot be read costs an item; alone it ends the batch.
    if (!isUnreadable(thrown) || spec.input.sources.length === 1) throw thrown;
    return runAs({ kind: unreadableKind(kind, null, thrown.message), request: plain });
  }
}

/** An item whose result is awaited, or waits for those before it. */
interface Slot {
  readonly records: Records;
  readonly index: number;
  readonly before: number;
  outcome: Outcome | null;
}

class ChunkRun {
  readonly #around: Surroundings;
  readonly #message: ChunkMessage;
  readonly #source: Source;
  readonly #kind: ReaderKind;
  readonly #request: ReadRequest;
  readonly #startedAt = performance.now();
  readonly #outputs: PieceWriter | null;
  readonly #failed: PieceWriter;
  #acc: unknown;
  #succeeded = 0;
  #failures = 0;
  /** Items and lines of the records before the current ones. */
  #items = 0;
  #lines: number | null = 0;
  #slots: Slot[] = [];
  #inFlight = 0;
  #wake: (() => void) | null = null;

  constructor(
    around: Surroundings,
    message: ChunkMessage,
    { kind, request }: ChunkReading,
    store: ObjectStore,
  ) {
    this.#around = around;
    this.#message = message;
    this.#source = request.source;
    this.#kind = kind;
    this.#request = request;
    const { join } = around.job;
    this.#acc = join?.init();
    this.#outputs = join?.outputs ? new PieceWriter(store, `outputs/${message.chunk}`) : null;
    this.#failed = new PieceWriter(store, `failed/${message.chunk}`);
  }

  /** Runs every item; false if interrupted. */
  async all(interrupted: () => boolean): Promise<boolean> {
    const stop = (): void => this.#wake?.();
    const { signal } = this.#around;
    signal.addEventListener("abort", stop);
    try {
      return await this.#run(interrupted);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #run(interrupted: () => boolean): Promise<boolean> {
    const now = this.#kind.readNow?.(this.#request);
    if (now) return (await this.#each(now, interrupted)) && this.#drain(interrupted);
    for await (const records of this.#kind.read(this.#request)) {
      if (interrupted() || !(await this.#each(records, interrupted))) return false;
    }
    return this.#drain(interrupted);
  }

  async #each(records: Records, interrupted: () => boolean): Promise<boolean> {
    const { length } = records.values;
    const before = this.#items;
    const lines = this.#lines;
    for (let index = 0; index < length; index++) {
      if (index % ITEMS_BETWEEN_LOOKS === 0 && index > 0 && interrupted()) return false;
      const outcome = attemptItem(this.#around, records, index);
      if (outcome instanceof Promise) {
        this.#await(outcome, { records, index, before, outcome: null });
        await this.#whileBusy();
        if (interrupted()) return false;
      } else if (this.#slots.length > 0) {
        this.#slots.push({ records, index, before, outcome });
        if (this.#crowded()) await this.#whileBusy();
      } else this.#accept(outcome, records, index, before);
      if (this.#outputs?.heavy || this.#failed.heavy) await this.#unload();
    }
    this.#items = before + length;
    this.#lines = lines === null || records.lines === null ? null : lines + records.lines;
    return true;
  }

  #await(promise: Promise<Outcome>, slot: Slot): void {
    this.#slots.push(slot);
    this.#inFlight++;
    const settle = (outcome: Outcome): void => {
      slot.outcome = outcome;
      this.#inFlight--;
      this.#wake?.();
    };
    // An attempt never rejects; should it ever, that is one failed item and not a dead process.
    promise.then(settle, (thrown: unknown) => {
      settle({ ok: false, code: "ITEM_FAILED", error: describe(thrown), attempts: 1 });
    });
  }

  #crowded(): boolean {
    return this.#slots.length >= this.#around.job.options.concurrency * WAITING_PER_SLOT;
  }

  /** Waits until another item may be started. */
  async #whileBusy(): Promise<void> {
    const { signal, job } = this.#around;
    const { concurrency } = job.options;
    this.#acceptReady();
    while (!signal.aborted && (this.#inFlight >= concurrency || this.#crowded())) {
      await this.#next();
    }
  }

  async #drain(interrupted: () => boolean): Promise<boolean> {
    this.#acceptReady();
    while (this.#slots.length > 0 && !interrupted()) await this.#next();
    return !interrupted();
  }

  /** Waits for an item in flight to finish, or for the batch to end. */
  async #next(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
    this.#acceptReady();
  }

  /** Results enter the join in input order, whenever they arrive. */
  #acceptReady(): void {
    let ready = 0;
    for (; ready < this.#slots.length; ready++) {
      const slot = this.#slots[ready];
      if (!slot?.outcome) break;
      this.#accept(slot.outcome, slot.records, slot.index, slot.before);
    }
    if (ready > 0) this.#slots = this.#slots.slice(ready);
  }

  #accept(outcome: Outcome, records: Records, index: number, before: number): void {
    if (!outcome.ok) {
      this.#fail(outcome.code, outcome.error, outcome.attempts, records, index, before);
      return;
    }
    const { join } = this.#around.job;
    if (join) {
      let text: string | undefined;
      try {
        if (this.#outputs) text = outputText(outcome.value);
      } catch (thrown) {
        this.#fail("ITEM_NOT_JSON", describe(thrown), 1, records, index, before);
        return;
      }
      try {
        this.#acc = join.add(this.#acc, join.prepare(outcome.value));
      } catch (thrown) {
        this.#fail("JOIN_FAILED", describe(thrown), 1, records, index, before);
        return;
      }
      if (text !== undefined) this.#outputs?.add(text);
    }
    this.#succeeded++;
  }

  #fail(
    code: ErrorCode,
    error: Described,
    attempts: number,
    records: Records,
    index: number,
    before: number,
  ): void {
    this.#failures++;
    const { offset, line, raw } = records.locate(index);
    const failed = {
      source: this.#source.label,
      // Both count from the chunk's beginning; the join adds what came before.
      index: before + index,
      line,
      offset,
      chunk: this.#message.chunk,
      attempts,
      code,
      error,
      item: clip(raw),
    };
    this.#failed.add(`${JSON.stringify(failed)}\n`);
  }

  async #unload(): Promise<void> {
    await this.#outputs?.unload();
    await this.#failed.unload();
  }

  async finish(): Promise<ChunkOutcome> {
    const { start, end, spool } = this.#message;
    // Offsets in a spool are in bytes, whatever the unit is.
    const inItems = spool !== undefined && this.#kind.unit === "items";
    const totals: Totals = {
      chunks: 1,
      lost: 0,
      broken: 0,
      succeeded: this.#succeeded,
      failed: this.#failures,
      units: inItems ? this.#items : end - start,
      ms: Math.round((performance.now() - this.#startedAt) * 1000) / 1000,
    };
    const { join } = this.#around.job;
    if (!join && this.#kind.indexed && this.#failures === 0) return { totals, contribution: null };
    const outputs = this.#outputs ? await this.#outputs.close(INLINE_TEXT) : [];
    const failed = await this.#failed.close(INLINE_TEXT);
    const { origin, span } = await this.#spans();
    const contribution: Contribution = {
      ...(join ? { value: join.encode(this.#acc) } : {}),
      ...(outputs.length > 0 ? { outputs } : {}),
      ...(failed.length > 0 ? { failed: failed.map((piece: Piece) => ({ piece, base: origin })) } : {}),
      span,
    };
    return { totals, contribution };
  }

  /** Where this chunk begins, as far as the reader knows, and how far it reaches. */
  async #spans(): Promise<{ origin: Span; span: Span }> {
    const from = await this.#kind.origin(this.#request);
    const anchored = from !== null;
    const origin = { items: from?.items ?? 0, lines: from === null ? 0 : from.lines, anchored };
    const items = origin.items + this.#items;
    const lines = origin.lines === null || this.#lines === null ? null : origin.lines + this.#lines;
    return { origin, span: { items, lines, anchored } };
  }
}

/** One line of `outputs.jsonl`. */
function outputText(value: unknown): string {
  if (value === undefined) return "null\n";
  const text: unknown = JSON.stringify(value);
  if (typeof text !== "string")
    throw new TypeError(`process returned a ${typeof value}, which JSON cannot hold`);
  return `${text}\n`;
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
