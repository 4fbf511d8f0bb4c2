/**
 * A chunk in a redrive: its failed items are done again, and their values put in their places among those
 * that succeeded before.
 */
import type { Contribution, Piece } from "../../core/records/contribution.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Json } from "../../core/json.ts";
import { NO_TOTALS, subtractTotals } from "../../core/records/tree.ts";
import type { Totals } from "../../core/records/tree.ts";
import type { ObjectStore } from "../../ports.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import { failedItems } from "../contribution/failed-items.ts";
import type { FailedItem } from "../contribution/failed-items.ts";
import { slice } from "../contribution/piece-text.ts";
import { runChunk } from "./run-chunk.ts";
import type { ChunkOutcome, AttemptContext, Redo } from "./run-chunk.ts";
import { ChunkResult } from "./chunk-result.ts";

/** What succeeded between two failed items: an accumulator, or none, and outputs. */
interface Stretch {
  readonly segment: readonly Json[];
  readonly outputs: readonly Piece[];
}

/**
 * Does a chunk again whose contribution was `former` (`null`: it was left out). The totals are the difference
 * to what it came to before. `null` if it was interrupted.
 */
export async function redoChunk(
  context: AttemptContext,
  spec: BatchSpec,
  message: ChunkMessage,
  store: ObjectStore,
  interrupted: () => boolean,
  former: Contribution | null,
): Promise<ChunkOutcome | null> {
  const failed = await failedItems(store, former?.failed ?? [], spec.redrive);
  const stretches = former && stretchesOf(former, failed, context.job.join !== null);
  const redo =
    stretches &&
    (() =>
      new FailedAgain(new ChunkResult(context, store, message.chunk, { rebuilds: true }), failed, stretches));
  const outcome = await runChunk(context, spec, message, store, interrupted, redo);
  if (!outcome) return null;
  const before = totalsBefore(message, former, failed.length, outcome.totals);
  // What is not done again is not counted again.
  const replaced = redo ? { ...before, succeeded: 0 } : before;
  return { ...outcome, totals: subtractTotals(outcome.totals, replaced) };
}

/**
 * One more than there are failed items; `null` where they were not kept apart, or it was no item that failed.
 */
function stretchesOf(
  { segments, outputs = [], cuts = [], broken }: Contribution,
  failed: readonly FailedItem[],
  joins: boolean,
): Stretch[] | null {
  if (broken || (joins && segments?.length !== failed.length + 1)) return null;
  const ends = [...cuts, Number.MAX_SAFE_INTEGER];
  return Array.from({ length: failed.length + 1 }, (_, place) => ({
    segment: segments?.[place] ?? [],
    outputs: outputs.length > 0 ? slice(outputs, ends[place - 1] ?? 0, ends[place] ?? 0) : [],
  }));
}

/** `now`: what all of the chunk's items came to this time, so how many there are. */
function totalsBefore(
  { start, end }: ChunkMessage,
  former: Contribution | null,
  failed: number,
  now: Totals,
): Totals {
  if (!former) return { ...NO_TOTALS, lost: 1 };
  const settled = { ...NO_TOTALS, chunks: 1, units: end - start };
  if (former.broken) return { ...settled, broken: 1 };
  return { ...settled, succeeded: now.succeeded + now.failed - failed, failed };
}

/** Walks over the failed items in input order; between them it takes over what succeeded before. */
class FailedAgain implements Redo {
  readonly result: ChunkResult;
  readonly #failed: readonly FailedItem[];
  readonly #stretches: readonly Stretch[];
  readonly #wanted: ReadonlyMap<number | null, FailedItem>;
  #next = 0;

  constructor(result: ChunkResult, failed: readonly FailedItem[], stretches: readonly Stretch[]) {
    this.result = result;
    this.#failed = failed;
    this.#stretches = stretches;
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
    const stretch = this.#stretches[place];
    if (stretch) this.result.takeOver(stretch.segment, stretch.outputs);
  }
}
