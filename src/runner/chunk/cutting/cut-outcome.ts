/** The outcome of a chunk that was not run to its end: what is done, and where the rest is cut. */
import { positionOf, partStarts } from "./cutting.ts";
import type { Cutting, ItemPoint } from "./cutting.ts";
import type { Digest } from "../../../core/failures/failure-digest.ts";
import type { Contribution } from "../../../core/records/contribution.ts";
import type { ChunkMessage } from "../../../core/records/message.ts";
import type { CutRange } from "../../../core/records/split.ts";
import { NO_TOTALS, addTotals } from "../../../core/records/totals.ts";
import type { Totals } from "../../../core/records/totals.ts";
import type { ChunkReading } from "../../../input/cut/spooled.ts";
import type { PendingItem } from "../../slots/ordered-window.ts";
import type { AttemptContext } from "../attempt-context.ts";
import { chunkOutcome } from "../chunk-outcome.ts";
import type { ChunkOutcome } from "../chunk-outcome.ts";
import type { ChunkResult } from "../chunk-result.ts";
import { resultOfStretch } from "./stretch-result.ts";
import { stretchesOf } from "./stretches.ts";
import type { Stretch } from "./stretches.ts";

/** What an attempt leaves of a chunk: its first items in `result`, and what has become of the others. */
export interface Unfinished {
  readonly reading: ChunkReading;
  readonly result: ChunkResult;
  readonly ms: number;
  readonly tookMs: number | undefined;
  /** Of a run: how many of its sources are damaged, with items in doubt before a position. */
  readonly inDoubt?: (end: number) => number;
  /** Items and lines of the records that were gone through. */
  readonly items: number;
  readonly lines: number | null;
  /** The items behind those in `result`, as far as they have begun. */
  readonly rest: readonly PendingItem[];
  /** The first item that has not begun; `null`: all of the chunk's have. */
  readonly stopped: ItemPoint | null;
}

/** Where a range begins, and the items and lines of the chunk before it. */
export interface CutPlace {
  readonly position: number;
  readonly items: number;
  readonly lines: number | null;
}

/** `null`: what is done does not count, and the chunk is left to another attempt. */
export async function cutOutcome(
  context: AttemptContext,
  unfinished: Unfinished,
  cutting: Cutting,
): Promise<ChunkOutcome | null> {
  const { inside, behind } = dividedRest(context.message, unfinished);
  const places: CutPlace[] = [];
  for (const point of [...inside.map(({ from }) => from), ...(behind ? [behind] : [])]) {
    const place = placeOf(unfinished, point);
    if (place === null) return null;
    places.push(place);
  }
  const first = places[0];
  if (!first) return null;
  const isAnyDone = first.items > 0 || inside.some(({ done }) => done);
  const waits = inside.some(({ waitedMs }) => waitedMs > 0);
  // A chunk with nothing done comes again as it is, but for items that must not come before their time.
  if (!isAnyDone && !waits) return null;
  return new CutMaker(context, unfinished, inside, places).make(behind !== null, cutting);
}

/** The stretches that become parts of their own, and what follows them. */
export function dividedRest(
  { run }: ChunkMessage,
  { rest, stopped }: Unfinished,
): { readonly inside: readonly Stretch[]; readonly behind: ItemPoint | null } {
  // The positions of a run count in each of its sources: only its end is cut off.
  if (run !== undefined) return { inside: [], behind: rest[0] ?? stopped };
  const stretches = stretchesOf(rest);
  // Nothing of it can be kept apart from what has not begun.
  const last = stretches.at(-1);
  const isOpen = last !== undefined && !last.done && last.waitedMs === 0;
  return isOpen
    ? { inside: stretches.slice(0, -1), behind: last.from }
    : { inside: stretches, behind: stopped };
}

/** `null`: the chunk cannot be cut there. */
export function placeOf({ reading, lines }: Unfinished, point: ItemPoint): CutPlace | null {
  const position = positionOf(reading, point);
  if (position === null) return null;
  const { line } = point.records.locate(point.index);
  return { position, items: point.before + point.index, lines: lines === null ? null : line };
}

class CutMaker {
  readonly #context: AttemptContext;
  readonly #unfinished: Unfinished;
  readonly #inside: readonly Stretch[];
  /** Where these stretches begin, and what is behind them. */
  readonly #places: readonly CutPlace[];
  readonly #ranges: CutRange[] = [];
  readonly #further = new Map<number, Contribution | null>();
  readonly #failures: Digest[] = [];
  #totals: Totals = NO_TOTALS;

  constructor(
    context: AttemptContext,
    unfinished: Unfinished,
    inside: readonly Stretch[],
    places: readonly CutPlace[],
  ) {
    this.#context = context;
    this.#unfinished = unfinished;
    this.#inside = inside;
    this.#places = places;
  }

  /** `goesOn`: something is behind the stretches. */
  async make(goesOn: boolean, cutting: Cutting): Promise<ChunkOutcome | null> {
    const { kind, start, end } = this.#context.message;
    const rest = goesOn ? await this.#restOf(cutting) : [];
    const first = await this.#first();
    if (first.again) {
      // It has to run once more. The first part of a part has to be done.
      if (kind === "part") return this.#context.abandoned() ? null : first;
      this.#ranges.push({ start, done: false });
    } else if (kind === "part" || this.#placeAt(0).items > 0) {
      this.#ranges.push({ start, done: true });
      this.#totals = first.totals;
      this.#failures.push(...(first.failures ?? []));
    }
    for (const [index, stretch] of this.#inside.entries()) await this.#add(stretch, index);
    this.#ranges.push(...rest);
    const [head] = this.#ranges;
    // The records of text may begin behind the start of their range.
    if (head && head.start !== start && head.start < end) this.#ranges[0] = { ...head, start };
    const contribution = first.again ? null : first.contribution;
    const { tookMs } = this.#unfinished;
    const outcome = { totals: this.#totals, contribution, tookMs, again: null };
    const failures = this.#failures.length === 0 ? {} : { failures: this.#failures };
    return { ...outcome, ...failures, cut: this.#ranges, further: this.#further };
  }

  #placeAt(index: number): CutPlace {
    const { items, lines } = this.#unfinished;
    return this.#places[index] ?? { position: this.#context.message.end, items, lines };
  }

  /** What is done up to the first stretch. */
  async #first(): Promise<ChunkOutcome> {
    const { reading, result, ms, tookMs, inDoubt } = this.#unfinished;
    const { items, lines, position } = this.#placeAt(0);
    const extent = {
      items,
      lines,
      ms,
      tookMs,
      end: position,
      ...(inDoubt ? { inDoubt: inDoubt(position) } : {}),
    };
    return chunkOutcome(this.#context, reading, result, extent);
  }

  async #add(stretch: Stretch, index: number): Promise<void> {
    const from = this.#placeAt(index);
    const { position } = from;
    const to = this.#placeAt(index + 1);
    const { reading } = this.#unfinished;
    const made = stretch.done
      ? await resultOfStretch(this.#context, reading, { items: stretch.items, from, to })
      : null;
    if (made && !made.again) {
      this.#ranges.push({ start: position, done: true });
      this.#further.set(position, made.contribution);
      this.#failures.push(...(made.failures ?? []));
      this.#totals = addTotals(this.#totals, made.totals);
    } else {
      const { at, waitedMs } = stretch;
      this.#ranges.push({ start: position, done: false, ...(at > 0 ? { later: { at, waitedMs } } : {}) });
    }
  }

  /** The parts of what has not begun. What a limit gives back is one part. */
  async #restOf({ partsFor, isLate }: Cutting): Promise<CutRange[]> {
    const { gate, message } = this.#context;
    const { reading, ms } = this.#unfinished;
    const { position } = this.#placeAt(this.#places.length - 1);
    const leftMs = (ms * (message.end - position)) / Math.max(1, position - message.start);
    const at = gate?.returnsAt ?? 0;
    const isRun = message.run !== undefined;
    const parts = at > 0 ? 1 : partsFor(leftMs);
    const starts = await partStarts(reading, position, { parts, isRun, isLate });
    const later = at > 0 ? { later: { at, waitedMs: 0 } } : {};
    return starts.map((start) => ({ start, done: false, ...later }));
  }
}
