/** The outcome of a chunk that was not run to its end: what is done, and where the rest is cut. */
import type { CutRange } from "../../core/records/split.ts";
import { NO_TOTALS } from "../../core/records/tree.ts";
import type { ChunkReading } from "../../input/cut/spooled.ts";
import type { AttemptContext } from "./attempt-context.ts";
import { chunkOutcome } from "./chunk-outcome.ts";
import type { ChunkOutcome, Extent } from "./chunk-outcome.ts";
import type { ChunkResult } from "./chunk-result.ts";
import { partStarts } from "./cutting.ts";
import type { Cutting } from "./cutting.ts";

/** What is done of a chunk: its items in order, up to `extent.end`. */
export interface DoneItems {
  readonly reading: ChunkReading;
  readonly result: ChunkResult;
  readonly extent: Extent & { readonly end: number };
}

/** `null`: what is done does not count, and the chunk is left to another attempt. */
export async function cutOutcome(
  context: AttemptContext,
  { reading, result, extent }: DoneItems,
  cutting: Cutting,
): Promise<ChunkOutcome | null> {
  const { kind, start, end } = context.message;
  const leftMs = (extent.ms * (end - extent.end)) / Math.max(1, extent.end - start);
  const starts = await partStarts(reading, extent.end, cutting.partsFor(leftMs), cutting.isLate);
  const rest = starts.map((from): CutRange => ({ start: from, done: false }));
  const outcome = await chunkOutcome(context, reading, result, extent);
  if (!outcome.again) return { ...outcome, cut: [{ start, done: true }, ...rest] };
  // It has to run once more: as a part that fits into the time. The first part of a part has to be done.
  if (kind === "part") return null;
  return { totals: NO_TOTALS, contribution: null, again: null, cut: [{ start, done: false }, ...rest] };
}
