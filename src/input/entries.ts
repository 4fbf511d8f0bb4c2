/** Plan entries, cut from the sources of a batch one after the other: a spooled source has entries of its own, and so has what cannot be read. */
import type { FanjoinError } from "../core/errors.ts";
import { damageText, isFullEntry } from "../core/plan.ts";
import type { Cut, PlanEntry } from "../core/plan.ts";
import type { NextChunks } from "../core/sizing.ts";
import { isUnreadable } from "./damage.ts";
import { openSource } from "./open-source.ts";
import type { OpenSource } from "./open-source.ts";
import type { CutRequest, Range, ReaderKind } from "./reader.ts";

export interface EntryCutter {
  /** What the next entry says; no ranges at the end of the last source. Throws `INPUT_INVALID` if nothing at all of the only source can be read. */
  next(wanted: NextChunks): Promise<Cut>;
  close(): Promise<void>;
}

export interface EntryRequest extends Omit<CutRequest, "after"> {
  readonly kind: ReaderKind;
  /** Continue after this entry; `null` from the beginning. */
  readonly last: PlanEntry | null;
}

export function cutEntries({ kind, last, ...request }: EntryRequest): EntryCutter {
  const { sources } = request;
  const range = last?.ranges.at(-1) ?? null;
  // After what could not be read the next source comes.
  let number = range === null ? 0 : range.source + (last?.spool?.damage === undefined ? 0 : 1);
  let after = range?.source === number ? range.end : null;
  let open: OpenSource | null = null;
  let fault: FanjoinError | null = null;

  async function nextSource(): Promise<void> {
    await open?.close();
    open = null;
    after = null;
    fault = null;
    number++;
  }

  /** Runs a look at the current source. `null` where it cannot be read: then `fault` says why. */
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

  /** The entry of what cannot be read of the current source. */
  async function damaged(error: FanjoinError): Promise<Cut> {
    const from = after ?? 0;
    const { start, end } = open?.rest() ?? { start: from, end: Math.max(from, sources[number]?.size ?? 0) };
    const nothingRead = start === 0 && (end === 0 || open?.spooled !== true);
    if (sources.length === 1 && nothingRead) throw error;
    const spool = (await open?.spool()) ?? { name: "", offset: 0, length: 0, base: start };
    const cut = {
      ranges: [{ source: number, start, end }],
      spool: { ...spool, damage: damageText(error.message) },
    };
    await nextSource();
    return cut;
  }

  async function cutOf(ranges: readonly Range[]): Promise<Cut> {
    const spool = open?.spooled === true ? await open.spool() : null;
    return spool === null ? { ranges } : { ranges, spool };
  }

  return {
    async next(wanted) {
      const ranges: Range[] = [];
      for (let source = sources[number]; source !== undefined; source = sources[number]) {
        const now = source;
        const opened = await orFault(
          async () => (open ??= await openSource(kind, { ...request, source: now }, after)),
        );
        const spooled = opened?.spooled === true;
        // Entries of its own: those before have one, too.
        if (spooled && (ranges.at(-1)?.source ?? number) !== number) return { ranges };
        const stretch = await orFault(async () => opened?.next(wanted) ?? null);
        if (stretch !== null) ranges.push({ source: number, ...stretch });
        else if (ranges.length > 0 && (spooled || fault !== null)) return cutOf(ranges);
        else if (fault !== null) return damaged(fault);
        else await nextSource();
        if (isFullEntry(ranges, wanted.count, spooled)) return cutOf(ranges);
      }
      return { ranges };
    },
    close: async () => open?.close(),
  };
}
