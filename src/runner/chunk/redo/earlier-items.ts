/**
 * What a chunk came to before a redrive: its failed items, and what succeeded between them. Both are divided
 * where the chunk is cut.
 */
import type { Contribution, Piece } from "../../../core/records/contribution.ts";
import { failedLineText, parseFailedLine } from "../../../core/failures/failed-line.ts";
import type { Json } from "../../../core/json/json.ts";
import type { Span } from "../../../core/span.ts";
import type { Origin } from "../../../input/reader.ts";
import type { FailedItem } from "../../contribution/failed-items.ts";
import { slice } from "../../contribution/piece-text.ts";
import type { ChunkResult } from "../chunk-result.ts";
import type { Redo } from "./redo.ts";

/** What succeeded before, between or after two failed items. */
interface PreviousSegment {
  /** One encoded accumulator, or none. */
  readonly value: readonly Json[];
  readonly outputs: readonly Piece[];
}

export interface Earlier {
  /** In order. Positions count from the beginning of the range. */
  readonly failed: readonly FailedItem[];
  /** One more than there are failed items. */
  readonly segments: readonly PreviousSegment[];
  /** How far the chunk reaches. */
  readonly span: Span;
}

/** Items and lines, of a range or before a place in it; `null`: unknown. */
export interface Extents {
  readonly items: number | null;
  readonly lines: number | null;
}

const NOTHING: PreviousSegment = { value: [], outputs: [] };

/** `null` if the segments were united, or if the chunk was given up as a whole. */
export function earlierOf(
  { segments, outputs = [], cuts = [], broken, split, span }: Contribution,
  failed: readonly FailedItem[],
  joins: boolean,
): Earlier | null {
  if (broken || split !== undefined || (joins && segments?.length !== failed.length + 1)) return null;
  const ends = [...cuts, Number.MAX_SAFE_INTEGER];
  const all = Array.from({ length: failed.length + 1 }, (_, place) => ({
    value: segments?.[place] ?? [],
    outputs: outputs.length > 0 ? slice(outputs, ends[place - 1] ?? 0, ends[place] ?? 0) : [],
  }));
  return { failed, segments: all, span };
}

/** How long a chunk is. `origin`: where it begins, if that is known. */
export function extentsOf({ span }: Earlier, origin: Origin | null): Extents {
  return {
    items: difference(span.items, origin?.items ?? 0),
    lines: difference(span.lines, origin === null ? 0 : origin.lines),
  };
}

/**
 * The earlier items of a range that begins at the chunk's beginning or at a failed item, and ends at a failed
 * item or at the chunk's end. `to`: the number of items of the chunk before its end.
 */
export function earlierWithin({ failed, segments, span }: Earlier, from: Extents, to: number): Earlier {
  const { items } = from;
  const first = firstFrom(failed, items ?? 0);
  const last = firstFrom(failed, to);
  // What succeeded before a failed item belongs to the range before it.
  const head = items === 0 ? (segments[0] ?? NOTHING) : NOTHING;
  return {
    failed: failed.slice(first, last).map((item) => shifted(item, from)),
    segments: [head, ...segments.slice(first + 1, last + 1)],
    span,
  };
}

function firstFrom(failed: readonly FailedItem[], index: number): number {
  const first = failed.findIndex((item) => (item.index ?? 0) >= index);
  return first < 0 ? failed.length : first;
}

/** In a run, index and line count from the beginning of a source, and only `at` from that of the chunk. */
function shifted(item: FailedItem, from: Extents): FailedItem {
  if (from.items === 0) return item;
  const line = parseFailedLine(item.line);
  const moved =
    line.at === undefined
      ? {
          ...line,
          index: difference(line.index, from.items),
          line: difference(line.line, from.lines),
        }
      : { ...line, at: difference(line.at, from.items) };
  return { ...item, index: difference(item.index, from.items), line: failedLineText(moved) };
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

/** Walks over the failed items in input order, and takes over the segments between them. */
export class FailedAgain implements Redo {
  readonly result: ChunkResult;
  readonly earlier: Earlier;
  /** The indices of the items that are run again, ascending. */
  readonly indices: readonly number[];
  readonly #wanted: ReadonlyMap<number | null, FailedItem>;
  #next = 0;

  constructor(result: ChunkResult, earlier: Earlier) {
    this.result = result;
    this.earlier = earlier;
    const wanted = earlier.failed.filter((item) => item.wanted);
    this.#wanted = new Map(wanted.map((item) => [item.index, item]));
    this.indices = wanted.map(({ index }) => index ?? 0);
    this.#takeOver(0);
  }

  wants(index: number): boolean {
    return this.#wanted.has(index);
  }

  attemptsBefore(index: number): number {
    return this.#wanted.get(index)?.attempts ?? 0;
  }

  reach(index: number): void {
    const { failed } = this.earlier;
    for (let item = failed[this.#next]; item; item = failed[this.#next]) {
      if ((item.index ?? 0) >= index) return;
      if (!item.wanted) this.result.fail(item.line);
      this.#takeOver(++this.#next);
    }
  }

  #takeOver(place: number): void {
    const segment = this.earlier.segments[place];
    if (segment) this.result.takeOver(segment.value, segment.outputs);
  }
}
