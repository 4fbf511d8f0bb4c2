/**
 * A chunk in a redrive: its failed items run again, and their values take their places among those that
 * succeeded before.
 */
import type { Contribution } from "../../../core/records/contribution.ts";
import type { ChunkMessage } from "../../../core/records/message.ts";
import { unitsIn } from "../../../core/records/source-run.ts";
import { NO_TOTALS, subtractTotals, withDamaged } from "../../../core/records/totals.ts";
import type { Totals } from "../../../core/records/totals.ts";
import { failedItems } from "../../contribution/failed-items.ts";
import { verifyPiece } from "../../contribution/piece-text.ts";
import type { AttemptContext } from "../attempt-context.ts";
import type { ChunkOutcome } from "../chunk-outcome.ts";
import { ChunkResult } from "../chunk-result.ts";
import { FailedAgain, earlierOf } from "./earlier-items.ts";
import { runChunk } from "../run-chunk.ts";

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
  const earlier = previous && earlierOf(previous, failed, job.join !== null);
  const makeRedo = earlier && (() => new FailedAgain(new ChunkResult(context, { rebuilds: true }), earlier));
  const isCuttable = makeRedo !== null || previous === null || previous.broken === true;
  const outcome = await runChunk(isCuttable ? context : uncut(context), makeRedo);
  if (!outcome) return null;
  if (outcome.cut)
    return makeRedo
      ? outcome
      : { ...outcome, totals: subtractTotals(outcome.totals, brokenBefore(message, previous)) };
  const before = totalsBefore(message, previous, failed.length, outcome.totals);
  // Items that did not run again are not counted again.
  const replaced = makeRedo ? { ...before, succeeded: 0 } : before;
  return { ...outcome, totals: subtractTotals(outcome.totals, replaced) };
}

/**
 * A chunk whose segments were united has to run as a whole: how much of its value lies in a part is unknown.
 */
function uncut(context: AttemptContext): AttemptContext {
  context.gate?.holdTogether();
  return { ...context, cutting: null, leavesUntil: null };
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
