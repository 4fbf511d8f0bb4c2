/**
 * Cuts plan entries from the sources of a batch, one source after the other. A spooled source has entries of
 * its own, and so has a part that cannot be read.
 */
import { FanjoinError } from "../../core/errors/errors.ts";
import { NativePromise } from "../../core/native-promise.ts";
import { damageText, fullEntryCheck, sourceBehind } from "../../core/records/plan.ts";
import type { Cut, PlanEntry, PlannedRange } from "../../core/records/plan.ts";
import type { NextChunks } from "../../core/chunk-size.ts";
import { isUnreadable } from "../unpack/damage.ts";
import { itemLimit } from "./item-limit.ts";
import { openSource } from "./open-source.ts";
import type { OpenSource } from "./open-source.ts";
import type { ChunkSize, CutRequest, ReaderKind, Source } from "../reader.ts";
import { sourcesInRecord } from "../sources/sources.ts";
import type { Sources } from "../sources/sources.ts";

export interface EntryCutter {
  /**
   * The content of the next entry; no ranges at the end of the last source. Throws `INPUT_INVALID` if the
   * only source cannot be read at all.
   */
  next(wanted: NextChunks): Promise<Cut>;
  close(): Promise<void>;
}

export interface EntryRequest extends Omit<CutRequest, "after" | "sources"> {
  readonly kind: ReaderKind;
  readonly sources: readonly Source[] | Sources;
  /** The sources are some of several: one that cannot be read is a failed item. */
  readonly among?: boolean;
  /** Puts small sources together. */
  readonly runs?: RunCutter | null;
  /** Continue after this entry; `null` from the beginning. */
  readonly last: PlanEntry | null;
  /** The plan ends after so many items. Absent: at the end of the input. */
  readonly maxItems?: number | undefined;
}

/** Cuts runs of whole sources. */
export interface RunCutter {
  /** The run that begins with this source; `null` if the source has to be cut itself. */
  next(first: number, size: ChunkSize): Promise<PlannedRun | null>;
}

export interface PlannedRun {
  readonly range: PlannedRange;
  /** How many items it has, if the size bounded them. */
  readonly items: number;
}

/**
 * A spooled entry ends at this size. Its chunks start when it is whole: with 256 MiB the threads waited for
 * a third of the time (`.csv.gz`). It is some 100 ms of unpacking.
 */
const MOST_SPOOLED_BYTES = 32 * 1024 * 1024;

export function cutEntries({ kind, last, maxItems, ...request }: EntryRequest): EntryCutter {
  const sources = "count" in request.sources ? request.sources : sourcesInRecord(request.sources);
  const limit = maxItems === undefined ? null : itemLimit(maxItems, last);
  const range = last?.ranges.at(-1) ?? null;
  // After an unreadable part comes the next source.
  let number = range === null ? 0 : sourceBehind(range) + (last?.spool?.damage === undefined ? 0 : 1);
  let after = range?.source === number ? range.end : null;
  const { runs = null } = request;
  let source: Source | null = null;
  let open: OpenSource | null = null;
  let fault: FanjoinError | null = null;

  async function nextSource(): Promise<void> {
    await open?.close();
    source = null;
    open = null;
    after = null;
    fault = null;
    number++;
  }

  /** Runs a step on the current source. `null` if the source cannot be read: then `fault` says why. */
  async function orFault<T>(look: () => Promise<T>): Promise<T | null> {
    if (fault !== null) return null;
    try {
      return await look();
    } catch (thrown) {
      if (!isUnreadable(thrown)) throw thrown;
      fault = thrown;
      return null;
    }
  }

  /** The entry for the unreadable part of the current source. */
  async function damaged(error: FanjoinError): Promise<Cut> {
    const from = after ?? 0;
    const { start, end } = open?.rest() ?? { start: from, end: Math.max(from, source?.size ?? 0) };
    if (sources.count === 1 && request.among !== true && (open?.isUnread() ?? start === 0))
      throw named(source, error);
    const spool = (await open?.spool()) ?? { name: "", offset: 0, length: 0, base: start };
    const cut = {
      ranges: [{ source: number, start, end }],
      spool: {
        ...spool,
        damage: damageText(error.message),
        ...(open?.inDoubt() === true ? { inDoubt: true as const } : {}),
      },
    };
    limit?.add(1);
    await nextSource();
    return { ...cut, ...limit?.mark() };
  }

  async function cutOf(ranges: readonly PlannedRange[]): Promise<Cut> {
    const spool = open?.spooled === true ? await open.spool() : null;
    return { ranges, ...(spool === null ? {} : { spool }), ...limit?.mark() };
  }

  async function enter(): Promise<OpenSource> {
    if (open) return open;
    source ??= (await sources.at(number)) ?? null;
    if (source === null) throw new RangeError(`there is no source ${number}`);
    return (open = await openSource(kind, { ...request, source }, after));
  }

  /** Adds ranges of the current source. Returns whether the entry is full; false at the end of the source. */
  async function fill(from: OpenSource, ranges: PlannedRange[], wanted: NextChunks): Promise<boolean> {
    const isFull = fullEntryCheck(from.spooled);
    for (;;) {
      const next = from.next(limit?.bound(wanted) ?? wanted);
      const range = next instanceof NativePromise ? await next : next;
      if (range === null) return false;
      ranges.push({ source: number, ...range });
      limit?.add(from.lastItems());
      if (limit?.isReached()) return true;
      if (isFull(ranges, wanted.count)) return true;
      if (from.spooled && range.end - (ranges[0]?.start ?? 0) >= MOST_SPOOLED_BYTES) return true;
    }
  }

  /** Adds the run that begins here. Returns whether the entry is full; `null` if a source is to be cut. */
  async function addRun(ranges: PlannedRange[], wanted: NextChunks): Promise<boolean | null> {
    if (runs === null || open !== null || after !== null || fault !== null) return null;
    const run = await runs.next(number, limit?.bound(wanted) ?? wanted);
    if (run === null) return null;
    ranges.push(run.range);
    number = sourceBehind(run.range);
    limit?.add(run.items);
    return limit?.isReached() === true || fullEntryCheck(false)(ranges, wanted.count);
  }

  return {
    async next(wanted) {
      const ranges: PlannedRange[] = [];
      if (limit?.isReached()) return { ranges };
      while (number < sources.count) {
        const hasRun = await addRun(ranges, wanted);
        if (hasRun === true) return { ranges, ...limit?.mark() };
        if (hasRun === false) continue;
        const entered = await orFault(enter);
        const spooled = entered?.spooled === true;
        // The sources before it are read directly.
        if (spooled && ranges.length > 0) return { ranges, ...limit?.mark() };
        const full = entered && (await orFault(() => fill(entered, ranges, wanted)));
        if (full === true || (ranges.length > 0 && (spooled || fault !== null))) return cutOf(ranges);
        if (fault !== null) return damaged(fault);
        await nextSource();
      }
      return { ranges, ...limit?.mark() };
    },
    close: async () => open?.close(),
  };
}

/** A failed item names its source; the reason of a failed batch has to name it too. */
function named(source: Source | null, error: FanjoinError): FanjoinError {
  if (source === null || error.message.startsWith(source.label)) return error;
  return new FanjoinError(error.code, `${source.label}: ${error.message}`, { cause: error });
}
