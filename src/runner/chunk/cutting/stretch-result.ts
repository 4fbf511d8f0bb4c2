/** What done items in the middle of a chunk come to, as a part of its own. */
import type { FailedLine } from "../../../core/failures/failed-line.ts";
import type { ChunkReading } from "../../../input/cut/spooled.ts";
import { failedItem } from "../../contribution/failed-items.ts";
import { isFinal } from "../../item/item-outcome.ts";
import type { FailedOutcome } from "../../item/item-outcome.ts";
import type { PendingItem } from "../../slots/ordered-window.ts";
import type { AttemptContext } from "../attempt-context.ts";
import { chunkOutcome } from "../chunk-outcome.ts";
import type { ChunkOutcome } from "../chunk-outcome.ts";
import { placeIfAsked } from "../item-place.ts";
import { ChunkResult } from "../chunk-result.ts";
import type { CutPlace } from "./cut-outcome.ts";
import type { Redo } from "../redo/redo.ts";

export interface DoneStretch {
  readonly items: readonly PendingItem[];
  readonly from: CutPlace;
  readonly to: CutPlace;
}

/** Positions count from the beginning of the stretch. `redo`: what came before, of a redrive. */
export async function resultOfStretch(
  context: AttemptContext,
  { kind, request }: ChunkReading,
  { items, from, to }: DoneStretch,
  redo: Redo | null = null,
): Promise<ChunkOutcome> {
  const result = redo?.result ?? new ChunkResult(context, { rebuilds: false });
  for (const item of items) {
    const { outcome } = item;
    if (!isFinal(outcome)) continue;
    const index = item.before + item.index - from.items;
    redo?.reach(index);
    const failure = outcome.ok
      ? result.add(outcome.value, placeIfAsked(context, item.records, item.index))
      : outcome;
    if (failure) {
      const attempts = failure.attempts + (redo?.attemptsBefore(index) ?? 0);
      result.failNow(failedLine(context, { ...failure, attempts }, item, from), null);
    }
    if (result.heavy) await result.unload();
  }
  redo?.reach(Infinity);
  const range = { ...request.range, start: from.position, end: to.position };
  const message = { ...context.message, start: from.position };
  const extent = {
    end: to.position,
    items: to.items - from.items,
    lines: from.lines === null || to.lines === null ? null : to.lines - from.lines,
    // All of it is counted with the first part.
    ms: 0,
    tookMs: undefined,
  };
  return chunkOutcome({ ...context, message }, { kind, request: { ...request, range } }, result, extent);
}

function failedLine(
  { label, chunk }: AttemptContext,
  failure: FailedOutcome,
  { records, index, before }: PendingItem,
  from: CutPlace,
): FailedLine {
  const { toEnd } = records.unreadable?.get(index) ?? {};
  const position = records.locate(index);
  const line = position.line === null || from.lines === null ? null : position.line - from.lines;
  const place = { ...position, line, ...(toEnd ? { toEnd } : {}), index: before + index - from.items };
  return failedItem(failure, { ...place, chunk, attempts: failure.attempts }, label);
}
