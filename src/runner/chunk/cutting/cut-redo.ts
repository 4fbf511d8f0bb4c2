/**
 * The outcome of a chunk whose failed items are done again, and that was not run to its end. It is cut before
 * failed items only: what succeeded before stays with the failed item that it follows. A part that is open
 * keeps what its range came to before, under the tag of this attempt.
 */
import type { Cutting } from "./cutting.ts";
import { positionOf } from "./cutting.ts";
import { dividedRest, placeOf } from "./cut-outcome.ts";
import type { CutPlace, Unfinished } from "./cut-outcome.ts";
import type { Digest } from "../../../core/failures/failure-digest.ts";
import type { Contribution } from "../../../core/records/contribution.ts";
import type { CutRange, Later } from "../../../core/records/split.ts";
import { NO_TOTALS, addTotals, subtractTotals, withDamaged } from "../../../core/records/totals.ts";
import type { Totals } from "../../../core/records/totals.ts";
import type { ChunkReading } from "../../../input/cut/spooled.ts";
import type { PendingItem } from "../../slots/ordered-window.ts";
import type { AttemptContext } from "../attempt-context.ts";
import { chunkOutcome } from "../chunk-outcome.ts";
import type { ChunkOutcome } from "../chunk-outcome.ts";
import { ChunkResult } from "../chunk-result.ts";
import { FailedAgain, earlierWithin, extentsOf } from "../redo/earlier-items.ts";
import type { Earlier } from "../redo/earlier-items.ts";
import type { Redo } from "../redo/redo.ts";
import { resultOfStretch } from "./stretch-result.ts";

/** What follows the items in `result`, up to the next of them. */
interface Range {
  readonly from: CutPlace;
  /** Done items; `null`: the range is open. */
  readonly items: readonly PendingItem[] | null;
  readonly later: Later | null;
}

/** `null`: what is done does not count, and the chunk is left to another attempt. */
export async function cutRedo(
  context: AttemptContext,
  unfinished: Unfinished,
  redo: Redo,
  cutting: Cutting,
): Promise<ChunkOutcome | null> {
  const { reading } = unfinished;
  const { end: position, run } = context.message;
  const { items, lines } = extentsOf(redo.earlier, await reading.kind.origin(reading.request));
  if (items === null && run === undefined) return null;
  // Of a run nobody asks for their number.
  const end: CutPlace = { position, items: items ?? Number.MAX_SAFE_INTEGER, lines };
  const ranges = await rangesOf(context, unfinished, redo, cutting);
  if (ranges === null) return null;
  const first = ranges[0]?.from ?? end;
  const isAnyDone = redo.indices.some((index) => index < first.items) || ranges.some((one) => one.items);
  const waits = ranges.some(({ later }) => later !== null && later.waitedMs > 0);
  if (!isAnyDone && !waits) return null;
  return new RedoCutMaker(context, unfinished, redo).make([
    ...ranges,
    { from: end, items: null, later: null },
  ]);
}

/** `null`: it is unknown where the chunk can be cut. */
async function rangesOf(
  context: AttemptContext,
  unfinished: Unfinished,
  redo: Redo,
  cutting: Cutting,
): Promise<Range[] | null> {
  const { message, gate } = context;
  const { inside, behind } = dividedRest(message, unfinished);
  const ranges: Range[] = [];
  for (const { from: point, items, done, at, waitedMs } of inside) {
    const from = placeOf(unfinished, point);
    if (from === null) return null;
    ranges.push({ from, items: done ? items : null, later: at > 0 ? { at, waitedMs } : null });
  }
  const from = behind && placeOf(unfinished, behind);
  if (from === null) return behind === null ? ranges : null;
  const left = redo.indices.filter((index) => index >= from.items);
  const isRun = message.run !== undefined;
  const returnsAt = gate?.returnsAt ?? 0;
  const leftMs = (unfinished.ms * left.length) / Math.max(1, redo.indices.length - left.length);
  const parts = isRun || returnsAt > 0 ? 1 : cutting.partsFor(leftMs);
  const chosen = evenly(left, parts);
  // Of a run the reading always begins at its beginning.
  if (isRun && chosen.length > 0 && chosen[0] !== from.items) return null;
  const places = await placesOf(unfinished.reading, from, chosen, cutting);
  if (places.length === 0 && chosen.length > 0) return null;
  const later = returnsAt > 0 ? { at: returnsAt, waitedMs: 0 } : null;
  return [...ranges, ...places.map((place) => ({ from: place, items: null, later }))];
}

/** Of some indices so many, the first one included. */
function evenly(indices: readonly number[], parts: number): number[] {
  const count = Math.min(indices.length, Math.max(1, parts));
  return Array.from({ length: count }, (_, n) => indices[Math.floor((n * indices.length) / count)] ?? 0);
}

/** Where these items are, `from` or behind it, as far as there is time to read on. */
async function placesOf(
  { kind, request }: ChunkReading,
  from: CutPlace,
  indices: readonly number[],
  { isLate }: Cutting,
): Promise<CutPlace[]> {
  const { start } = request.range;
  if (kind.indexed) return indices.map((items) => ({ position: start + items, items, lines: null }));
  const places = indices[0] === from.items ? [from] : [];
  if (places.length === indices.length) return places;
  const { signal: _, ...unlimited } = request;
  const rest = { ...unlimited, range: { ...request.range, start: from.position } };
  let before = from.items;
  for await (const records of kind.read(rest)) {
    const end = before + records.values.length;
    for (let next = indices[places.length]; next !== undefined && next < end; next = indices[places.length]) {
      const index = next - before;
      const position = positionOf({ kind, request: rest }, { records, index, before: before - from.items });
      if (position === null) return places;
      const { line } = records.locate(index);
      const lines = from.lines === null || line === null ? null : from.lines + line;
      places.push({ position, items: next, lines });
    }
    before = end;
    if (places.length === indices.length || isLate()) break;
  }
  return places;
}

class RedoCutMaker {
  readonly #context: AttemptContext;
  readonly #unfinished: Unfinished;
  readonly #redo: Redo;
  readonly #cut: CutRange[] = [];
  readonly #further = new Map<number, Contribution | null>();
  readonly #failures: Digest[] = [];
  #totals: Totals = NO_TOTALS;

  constructor(context: AttemptContext, unfinished: Unfinished, redo: Redo) {
    this.#context = context;
    this.#unfinished = unfinished;
    this.#redo = redo;
  }

  /** The last one of `ranges` is the end. */
  async make(ranges: readonly Range[]): Promise<ChunkOutcome | null> {
    const { kind, start } = this.#context.message;
    const to = ranges[0]?.from;
    if (!to) return null;
    const first = await this.#first(to);
    if (first.again) {
      // It has to run once more. The first part of a part has to be done.
      if (kind === "part") return this.#context.abandoned() ? null : first;
      if (!(await this.#keep({ position: start, items: 0, lines: 0 }, to, null))) return null;
    } else if (kind === "part" || to.items > 0) this.#add(start, { items: 0, lines: 0 }, to, first);
    for (const [place, { from, items, later }] of ranges.entries()) {
      const next = ranges[place + 1]?.from;
      if (!next) break;
      const done = items && (await this.#resultOf(from, next, items, this.#within(from, next)));
      if (done && !done.again) {
        this.#further.set(from.position, done.contribution);
        this.#add(from.position, from, next, done);
      } else if (!(await this.#keep(from, next, later))) return null;
    }
    const { tookMs } = this.#unfinished;
    const failures = this.#failures.length === 0 ? {} : { failures: this.#failures };
    const contribution = first.again ? null : first.contribution;
    const outcome = { totals: this.#totals, contribution, tookMs, again: null, ...failures };
    return { ...outcome, cut: this.#cut, further: this.#further };
  }

  #first({ position, items, lines }: CutPlace): Promise<ChunkOutcome> | ChunkOutcome {
    const { reading, result, ms, tookMs, inDoubt } = this.#unfinished;
    this.#redo.reach(items);
    const doubts = inDoubt ? { inDoubt: inDoubt(position) } : {};
    const extent = { items, lines, ms, tookMs, end: position, ...doubts };
    return chunkOutcome(this.#context, reading, result, extent);
  }

  #within(from: Pick<CutPlace, "items" | "lines">, to: CutPlace): Earlier {
    return earlierWithin(this.#redo.earlier, from, to.items);
  }

  #resultOf(
    from: CutPlace,
    to: CutPlace,
    items: readonly PendingItem[],
    earlier: Earlier,
  ): Promise<ChunkOutcome> {
    const redo = new FailedAgain(new ChunkResult(this.#context, { rebuilds: true }), earlier);
    return resultOfStretch(this.#context, this.#unfinished.reading, { items, from, to }, redo);
  }

  /** A range that is done. What it came to before is counted already. */
  #add(
    start: number,
    from: Pick<CutPlace, "items" | "lines">,
    to: CutPlace,
    { totals, failures = [] }: ChunkOutcome,
  ): void {
    const { units, damaged = 0 } = totals;
    const failed = this.#within(from, to).failed.length;
    const before = withDamaged({ ...NO_TOTALS, failed, units }, damaged);
    this.#cut.push({ start, done: true });
    this.#failures.push(...failures);
    this.#totals = addTotals(this.#totals, subtractTotals(totals, before));
  }

  /** A range that stays open. False if it cannot be kept. */
  async #keep(from: CutPlace, to: CutPlace, later: Later | null): Promise<boolean> {
    const earlier = this.#within(from, to);
    const failed = earlier.failed.map((item) => ({ ...item, wanted: false }));
    const kept = await this.#resultOf(from, to, [], { ...earlier, failed });
    if (kept.again) return false;
    // The records of text may begin behind the start of their range.
    const start = this.#cut.length === 0 ? this.#context.message.start : from.position;
    this.#further.set(start, kept.contribution);
    this.#cut.push({ start, done: false, redone: true, ...(later ? { later } : {}) });
    return true;
  }
}
