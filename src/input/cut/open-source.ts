/** One source of a batch while it is cut: read directly, or spooled. */
import type { FanjoinError } from "../../core/errors/errors.ts";
import { NativePromise } from "../../core/native-promise.ts";
import type { Spool } from "../../core/records/message.ts";
import { Damage, isUnreadable } from "../unpack/damage.ts";
import type { ChunkSize, Cutter, CutRequest, Range, ReaderKind, Source, TextKind } from "../reader.ts";
import type { Scan } from "../text/scan.ts";
import { scanRecords } from "../text/scan.ts";
import type { OpenText, TextRequest } from "../unpack/source-text.ts";
import { asText, textOf, textStore } from "../unpack/source-text.ts";
import { spoolWriter } from "./spool-writer.ts";

/** `start` up to `end` (exclusive) of the source. `crc`: of a spooled range, if its store has checksums. */
export type SourceRange = Omit<Range, "source"> & { readonly crc?: number };

export interface OpenSource {
  readonly spooled: boolean;
  /**
   * The next range, `null` at the end. Throws `INPUT_INVALID` where the source cannot be read any further;
   * everything before has been cut by then. A promise only if there is something to wait for.
   */
  next(size: ChunkSize): SourceRange | null | Promise<SourceRange | null>;
  /** How many items the newest range has, if its size bounded them. */
  lastItems(): number;
  /** Ends the segment of the ranges cut since the last one; `null` if the source is read directly. */
  spool(): Promise<Spool | null>;
  /** The part that cannot be read, after `next` has thrown. */
  rest(): SourceRange;
  /** Whether nothing of the source could be read, after `next` has thrown. */
  isUnread(): boolean;
  /** Whether ranges that were cut may hold wrong items, after `next` has thrown. */
  inDoubt(): boolean;
  close(): Promise<void>;
}

/**
 * `after`: the offset to continue at; `null` from the beginning. Throws `INPUT_INVALID` for a source that
 * cannot be read at all.
 */
export async function openSource(
  kind: ReaderKind,
  { source, options, store }: Omit<CutRequest, "after" | "sources"> & { readonly source: Source },
  after: number | null,
): Promise<OpenSource> {
  if (kind.text !== undefined) {
    const request = { source, options, store, text: kind.text };
    const open = await textOf(request);
    if (open !== null) return spooledSource(request, kind.text, open, after);
  }
  const last = after === null ? null : { source: 0, start: after, end: after };
  return plainSource(kind.cut({ sources: [source], options, store, after: last }), source, after ?? 0);
}

function plainSource(cutter: Cutter, source: Source, from: number): OpenSource {
  let at = from;
  let items = 0;
  const own = (range: Range | null): SourceRange | null => {
    if (range === null) return null;
    at = range.end;
    items = cutter.lastItems?.() ?? range.end - range.start;
    return { start: range.start, end: range.end };
  };
  return {
    spooled: false,
    next(size) {
      const range = cutter.next(size);
      return range instanceof NativePromise ? range.then(own) : own(range);
    },
    lastItems: () => items,
    spool: async () => null,
    rest: () => ({ start: at, end: Math.max(at, source.size) }),
    isUnread: () => at === 0,
    inDoubt: () => false,
    close: () => cutter.close(),
  };
}

function spooledSource(
  request: TextRequest,
  kind: TextKind,
  open: OpenText,
  after: number | null,
): OpenSource {
  const { source, options, store } = request;
  const format = kind.format(options);
  const writer = spoolWriter(store, "spool/text");
  let start = after;
  let scan: Scan | null = null;
  let fault: FanjoinError | null = null;

  function failIfBroken(): void {
    if (fault !== null) throw fault;
  }

  async function begin(): Promise<number> {
    return format.firstRecord(
      asText(source),
      textStore(request, async () => open, null),
    );
  }

  /** The end of the next chunk; at a fault, the end of the last whole record. */
  async function endOfNext(size: ChunkSize, from: number): Promise<number> {
    scan ??= scanRecords((offset) => writer.passing(open.verified(), offset), from, format);
    try {
      // Record by record, so that the last whole record before a fault is known.
      return await scan.next({ ...size, items: size.items ?? Number.MAX_SAFE_INTEGER });
    } catch (thrown) {
      if (!isUnreadable(thrown)) throw thrown;
      fault = thrown;
      if (!(thrown instanceof Damage) || !thrown.afterEnd) return scan.lastEnd();
      scan.endText();
      return writer.end();
    }
  }

  return {
    spooled: true,
    async next(size) {
      failIfBroken();
      const from = (start ??= await begin());
      const end = await endOfNext(size, from);
      await writer.writeTo(end);
      start = end;
      // Before a fault, more may have been written than the last whole record.
      const crc = writer.takeChecksum(end);
      if (end > from) return crc === undefined ? { start: from, end } : { start: from, end, crc };
      failIfBroken();
      return null;
    },
    lastItems: () => scan?.lastItems() ?? 0,
    // After a fault the spool also holds the rest: the chunk of the fault shows its beginning.
    spool: () => writer.close(),
    rest: () => ({ start: start ?? 0, end: Math.max(start ?? 0, writer.end()) }),
    // A header may have been read, but nothing that counts.
    isUnread: () => after === null && writer.end() === 0,
    // An older fanjoin planned before the checksum was known: its ranges reach further than the text does.
    inDoubt: () => (fault instanceof Damage && fault.inDoubt) || (start ?? 0) > writer.end(),
    close: async () => scan?.close(),
  };
}
