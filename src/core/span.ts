/**
 * How far a run of chunks reaches, in items and lines: what turns a position within a chunk into one within
 * its source.
 *
 * Chunks are read in parallel, so a chunk knows its failed items only by their place in the chunk. The join
 * knows what came before. Spans are a monoid: `addSpans` is associative, with `NO_SPAN` as its neutral
 * element.
 */

export interface Span {
  /** Items and lines since the last anchor; `null` after a gap, or where a reader cannot know. */
  readonly items: number | null;
  readonly lines: number | null;
  /** A source begins in here, so what came before does not matter: the counts are from its beginning. */
  readonly anchored: boolean;
}

export const NO_SPAN: Span = { items: 0, lines: 0, anchored: false };

/** Chunks that were left out: nobody knows how many items they hold. */
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
