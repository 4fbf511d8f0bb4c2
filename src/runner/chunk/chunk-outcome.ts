/** The outcome of a finished chunk: its totals, and its contribution if there is anything to keep. */
import { NativePromise } from "../../core/native-promise.ts";
import type { Contribution } from "../../core/records/contribution.ts";
import type { Digest } from "../../core/failures/failure-digest.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { CutRange } from "../../core/records/split.ts";
import { unitsIn } from "../../core/records/source-run.ts";
import { withDamaged } from "../../core/records/totals.ts";
import type { Totals } from "../../core/records/totals.ts";
import type { Span } from "../../core/span.ts";
import type { ChunkReading } from "../../input/cut/spooled.ts";
import type { Origin, ReaderKind } from "../../input/reader.ts";
import type { AttemptContext } from "./attempt-context.ts";
import type { ChunkResult, ResultParts, ResultRules } from "./chunk-result.ts";

export interface ChunkOutcome {
  readonly totals: Totals;
  /** `null`: there is nothing to keep. */
  readonly contribution: Contribution | null;
  /** How long the chunk was open, in milliseconds, if it shared its thread. */
  readonly tookMs: number | undefined;
  /** Under these rules the chunk has to run once more before it counts; `null`: it counts. */
  readonly again: Partial<ResultRules> | null;
  /** The items that failed in this attempt, by kind. Absent: none. */
  readonly failures?: readonly Digest[];
  /** The chunk was cut: the totals are those of all ranges that are done, the contribution of the first. */
  readonly cut?: readonly CutRange[];
  /** The contributions of further ranges that are done, by their starts. */
  readonly further?: ReadonlyMap<number, Contribution | null>;
}

/** What was read of a chunk, and how long it took. */
export interface Extent {
  /** Where it ends, if that is before the end of its range. */
  readonly end?: number;
  readonly items: number;
  /** `null` where the reader cannot know. */
  readonly lines: number | null;
  readonly ms: number;
  /** As in the outcome. */
  readonly tookMs: number | undefined;
  /** Of a run: how many of its sources are damaged, with items in doubt. */
  readonly inDoubt?: number;
}

const BEHIND_RUN: Span = { items: null, lines: null, anchored: true };

/** A promise only if there is something to write or to read. */
export function chunkOutcome(
  { job, message }: AttemptContext,
  reading: ChunkReading,
  result: ChunkResult,
  extent: Extent,
): ChunkOutcome | Promise<ChunkOutcome> {
  const { kind, request } = reading;
  const totals = totalsOf(message, kind, result, extent);
  const { tookMs } = extent;
  const isRun = message.run !== undefined;
  if (!job.join && (kind.indexed || isRun) && totals.failed === 0)
    return { totals, contribution: null, tookMs, again: null };
  // Its result will not count, so nothing is written.
  if (result.again) return { totals, contribution: null, tookMs, again: result.again };
  const outcomeOf = (parts: ResultParts): ChunkOutcome | Promise<ChunkOutcome> => {
    const made = (from: Origin | null): ChunkOutcome => {
      const { again } = result;
      const digest = totals.failed === 0 || again ? null : result.takeDigest();
      const whole = contributionOf(parts, extent, from);
      // A source begins behind a run: how far the run reaches into its last one does not matter.
      const contribution = isRun ? { ...whole, span: BEHIND_RUN } : whole;
      const outcome = { totals, contribution, tookMs, again };
      return digest === null ? outcome : { ...outcome, failures: [digest] };
    };
    const from = kind.origin(request);
    return from instanceof NativePromise ? from.then(made) : made(from);
  };
  const finished = result.finish();
  return finished instanceof NativePromise ? finished.then(outcomeOf) : outcomeOf(finished);
}

/** A literal of all fields, without a spread: it is made for every chunk. */
function totalsOf(
  message: ChunkMessage,
  kind: ReaderKind,
  { succeeded, failures }: ChunkResult,
  extent: Extent,
): Totals {
  const units = unitsOf(message, kind, extent);
  const inDoubt = extent.inDoubt ?? (message.spool?.inDoubt ? 1 : 0);
  const chunks = message.kind === "part" || extent.end !== undefined ? 0 : 1;
  const totals = { chunks, lost: 0, broken: 0, succeeded, failed: failures, units, ms: extent.ms };
  return withDamaged(totals, inDoubt);
}

/** A spool's offsets are in bytes, even if the reader counts items. */
function unitsOf(message: ChunkMessage, { unit }: ReaderKind, { items, end }: Extent): number {
  if (message.spool !== undefined && unit === "items") return items;
  const { start, run } = message;
  return run ? unitsIn({ start, end: end ?? message.end, run }) : (end ?? message.end) - start;
}

/** `from`: where the chunk begins, as far as the reader knows. */
function contributionOf({ parts, failed }: ResultParts, extent: Extent, from: Origin | null): Contribution {
  const { origin, span } = spansOf(extent, from);
  if (failed.length === 0) return { ...parts, span };
  return { ...parts, failed: failed.map((piece) => ({ piece, base: origin })), span };
}

/** The chunk's beginning, and how far it reaches. */
function spansOf(extent: Extent, from: Origin | null): { readonly origin: Span; readonly span: Span } {
  const anchored = from !== null;
  const origin = { items: from === null ? 0 : from.items, lines: from === null ? 0 : from.lines, anchored };
  const items = origin.items === null ? null : origin.items + extent.items;
  const lines = origin.lines === null || extent.lines === null ? null : origin.lines + extent.lines;
  return { origin, span: { items, lines, anchored } };
}
