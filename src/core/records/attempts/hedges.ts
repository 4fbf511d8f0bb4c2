/**
 * Hedges: second attempts at chunks that take much longer than others, near the end of their batch. The first
 * attempt to settle counts, as always (Dean and Barroso, "The Tail at Scale",
 * https://dl.acm.org/doi/10.1145/2408776.2408794).
 *
 * The record `hedges/<batch>/<generation>/<leaf>` notes which chunks of a leaf were hedged: each is once, and
 * only a small share of them is.
 */
import { isEnding, isIn } from "../batch/batch.ts";
import { extensionOf, isLaid } from "../batch/redriving.ts";
import { isPaused } from "../batch/pausing.ts";
import type { Fields, Update } from "../record.ts";
import { childField, numberOr } from "../tree.ts";
import type { NodeId, NodeView } from "../tree.ts";

/** From this share of settled chunks on, those that are still open may be stragglers. */
const TAIL = 0.9;
/** The most chunks that are hedged, as a share of all, but one at least. */
const SHARE = 0.05;
/** A chunk is slow that takes so many times as long as others, and at least so long. */
const SLOWER = 3;
const SLOW_MS = 10_000;

/** How long a chunk may run before it is hedged, where others take `usualMs`. */
export function hedgeAfterMs(usualMs: number): number {
  return Math.max(SLOW_MS, Math.ceil(SLOWER * usualMs));
}

/** Whether so many of a batch's or a leaf's chunks are settled that the others may be stragglers. */
export function isTail(settled: number, all: number): boolean {
  return settled >= TAIL * all && settled < all;
}

/** Whether the last `added` settled chunks of a leaf were those that began its tail. */
export function beginsTail({ settled, expects }: NodeView, added: number): boolean {
  return isTail(settled, expects) && settled - added < TAIL * expects;
}

/** How long the chunks of a leaf took, on average. A leaf has no more than sums. */
export function usualMs(view: NodeView): number {
  return view.totals().ms / Math.max(1, view.settled);
}

export function hedgesKey({ batch, generation, index }: NodeId): string {
  return `hedges/${batch}/${generation}/${String(index).padStart(8, "0")}`;
}

/** Reads the record of a leaf's hedges. */
export class HedgesView {
  readonly #fields: Fields;
  readonly count: number;

  constructor(fields: Fields | null) {
    this.#fields = fields ?? {};
    this.count = numberOr(this.#fields["count"], 0);
  }

  has(child: number): boolean {
    return this.#fields[childField(child)] === true;
  }
}

/** What is known of a leaf when its stragglers are looked for. */
export interface LeafState {
  readonly leaf: NodeId;
  readonly batch: Fields;
  readonly view: NodeView;
  readonly hedges: HedgesView;
}

/**
 * Whether chunks may be hedged now: it is known how many there are, and in a redrive, which of them are to be
 * done again.
 */
export function mayHedge(batch: Fields, generation: number): boolean {
  const isKnown = batch["chunks"] !== undefined && (generation === 0 || isLaid(batch));
  return isKnown && isIn(batch, generation) && !isEnding(batch) && !isPaused(batch);
}

/** Whether another look may find what this one did not: there are more chunks to come, or a pause ends. */
export function mayHedgeLater(batch: Fields, generation: number): boolean {
  return isIn(batch, generation) && !isEnding(batch) && !mayHedge(batch, generation);
}

/**
 * The chunks of a leaf that may be hedged, by their numbers: those without a tag and without a hedge. `slow`:
 * only these; `null`: all.
 */
export function stragglers(
  { leaf, batch, view, hedges }: LeafState,
  fanIn: number,
  slow: readonly number[] | null,
): number[] {
  if (!mayHedge(batch, leaf.generation) || view.final) return [];
  const open = view.tags().flatMap((tag, child) => (tag === null && !hedges.has(child) ? [child] : []));
  const numbers = open.map((child) => leaf.index * fanIn + child);
  // A redrive leaves out leaves with nothing to do again: these have no record, but for those that are new.
  const first = leaf.generation > 0 && !view.exists ? (extensionOf(batch)?.first ?? Infinity) : 0;
  return numbers.filter((chunk) => chunk >= first && (slow === null || slow.includes(chunk)));
}

/** How many further chunks of a leaf may be hedged. */
export function hedgesLeft({ expects }: NodeView, { count }: HedgesView): number {
  return Math.max(0, Math.max(1, Math.floor(expects * SHARE)) - count);
}

/** Notes hedges of chunks. Refused if another look has noted some since `hedges` was read. */
export function noteHedges(
  leaf: NodeId,
  chunks: readonly number[],
  { count }: HedgesView,
  fanIn: number,
): Update {
  const set = Object.fromEntries(chunks.map((chunk) => [childField(chunk % fanIn), true]));
  return {
    key: hedgesKey(leaf),
    when: [count === 0 ? { is: "new" } : { is: "equal", field: "count", value: count }],
    set: { ...set, count: count + chunks.length },
    add: {},
  };
}
