/**
 * How many items and lines a run of chunks has. A span turns a position in a chunk into one in its source.
 *
 * Chunks are read in parallel, so a chunk knows its failed items only by their position in the chunk. The
 * join knows what came before the chunk. Spans are a monoid: `addSpans` is associative, and `NO_SPAN` is its
 * neutral element.
 */

export interface Span {
  /** Items and lines since the last anchor. `null` after a gap, or if the reader cannot count them. */
  readonly items: number | null;
  readonly lines: number | null;
  /** A source begins within the run. The counts start there, so what came before does not matter. */
  readonly anchored: boolean;
}

export const NO_SPAN: Span = { items: 0, lines: 0, anchored: false };

/** Chunks that were left out. How many items they hold is unknown. */
export const GAP: Span = { items: null, lines: null, anchored: false };

export function addSpans(left: Span, right: Span): Span {
  if (right.anchored) return right;
  return {
    items: add(left.items, right.items),
    lines: add(left.lines, right.lines),
    anchored: left.anchored,
  };
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
