/**
 * A chunk in a redrive: its failed items run again, and their values take their places among those that
 * succeeded before.
 */
import type { Contribution, Piece } from "../../core/records/contribution.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Json } from "../../core/json/json.ts";
import { unitsIn } from "../../core/records/source-run.ts";
import { NO_TOTALS, subtractTotals, withDamaged } from "../../core/records/totals.ts";
import type { Totals } from "../../core/records/totals.ts";
import { failedItems } from "../contribution/failed-items.ts";
import type { FailedItem } from "../contribution/failed-items.ts";
import { slice, verifyPiece } from "../contribution/piece-text.ts";
import type { AttemptContext } from "./attempt-context.ts";
import type { ChunkOutcome } from "./chunk-outcome.ts";
import { ChunkResult } from "./chunk-result.ts";
import { runChunk } from "./run-chunk.ts";
import type { Redo } from "./run-chunk.ts";

/** A segment of the earlier attempt: what succeeded before, between or after two failed items. */
interface PreviousSegment {
  /** One encoded accumulator, or none. */
  readonly value: readonly Json[];
  readonly outputs: readonly Piece[];
}

/**
 * Runs a chunk again whose contribution was `previous` (`null`: it was left out). The totals are the
 * difference to those of before. `null` if it was interrupted.
 */
export async function redoChunk(
  context: AttemptContext,
  previous: Contribution | null,
): Promise<ChunkOutcome | null> {
  const { message, store, spec, job } = context;
  const failed = await failedItems(store, previous?.failed ?? [], spec.redrive);
  // They are cut into parts, which cannot be verified.
  if (failed.length > 0) for (const piece of previous?.outputs ?? []) await verifyPiece(store, piece);
  const segments = previous && segmentsOf(previous, failed, job.join !== null);
  const makeRedo =
    segments && (() => new FailedAgain(new ChunkResult(context, { rebuilds: true }), failed, segments));
  // How much of what was counted before lies in a part is known only if that is nothing, or all of it.
  const cuttable = !previous || previous.broken ? context : { ...context, cutting: null };
  const outcome = await runChunk(cuttable, makeRedo);
  if (!outcome) return null;
  if (outcome.cut)
    return { ...outcome, totals: subtractTotals(outcome.totals, brokenBefore(message, previous)) };
  const before = totalsBefore(message, previous, failed.length, outcome.totals);
  // Items that did not run again are not counted again.
  const replaced = makeRedo ? { ...before, succeeded: 0 } : before;
  return { ...outcome, totals: subtractTotals(outcome.totals, replaced) };
}

/**
 * One segment more than there are failed items. `null` if the segments were united, or if the chunk was given
 * up as a whole.
 */
function segmentsOf(
  { segments, outputs = [], cuts = [], broken, split }: Contribution,
  failed: readonly FailedItem[],
  joins: boolean,
): PreviousSegment[] | null {
  if (broken || split !== undefined || (joins && segments?.length !== failed.length + 1)) return null;
  const ends = [...cuts, Number.MAX_SAFE_INTEGER];
  return Array.from({ length: failed.length + 1 }, (_, place) => ({
    value: segments?.[place] ?? [],
    outputs: outputs.length > 0 ? slice(outputs, ends[place - 1] ?? 0, ends[place] ?? 0) : [],
  }));
}

/**
 * What the first cut of a chunk or part subtracts. A chunk that was left out counts as such until its split
 * is final.
 */
function brokenBefore(message: ChunkMessage, previous: Contribution | null): Totals {
  return previous ? { ...NO_TOTALS, broken: 1, units: unitsIn(message) } : NO_TOTALS;
}

/** `now`: the totals of this attempt over all of the chunk's items, which show how many there are. */
function totalsBefore(
  message: ChunkMessage,
  previous: Contribution | null,
  failed: number,
  now: Totals,
): Totals {
  if (!previous) return { ...NO_TOTALS, lost: 1 };
  const { kind, run, spool } = message;
  const settled = { ...NO_TOTALS, chunks: kind === "part" ? 0 : 1, units: unitsIn(message) };
  if (previous.broken) return { ...settled, broken: 1 };
  const counted = { ...settled, succeeded: now.succeeded + now.failed - failed, failed };
  // All of a run is read again, and its damage is found again.
  return withDamaged(counted, run ? (now.damaged ?? 0) : spool?.inDoubt ? 1 : 0);
}

/** Walks over the failed items in input order, and takes over the segments between them. */
class FailedAgain implements Redo {
  readonly result: ChunkResult;
  readonly #failed: readonly FailedItem[];
  readonly #segments: readonly PreviousSegment[];
  readonly #wanted: ReadonlyMap<number | null, FailedItem>;
  #next = 0;

  constructor(result: ChunkResult, failed: readonly FailedItem[], segments: readonly PreviousSegment[]) {
    this.result = result;
    this.#failed = failed;
    this.#segments = segments;
    this.#wanted = new Map(failed.filter(({ wanted }) => wanted).map((item) => [item.index, item]));
    this.#takeOver(0);
  }

  wants(index: number): boolean {
    return this.#wanted.has(index);
  }

  attemptsBefore(index: number): number {
    return this.#wanted.get(index)?.attempts ?? 0;
  }

  reach(index: number): void {
    for (let item = this.#failed[this.#next]; item; item = this.#failed[this.#next]) {
      if ((item.index ?? 0) >= index) return;
      if (!item.wanted) this.result.fail(item.line);
      this.#takeOver(++this.#next);
    }
  }

  #takeOver(place: number): void {
    const segment = this.#segments[place];
    if (segment) this.result.takeOver(segment.value, segment.outputs);
  }
}
