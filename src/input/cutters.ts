/** Cutters of byte formats: by arithmetic where a chunk owns what starts in its range, else by scanning for record ends. */
import type { ObjectStore } from "../ports.ts";
import type { Borders } from "./borders.ts";
import type { ChunkSize, CutRequest, Cutter, Range, Source } from "./reader.ts";

/** Where to go on: source number and offset in it (`null`: at its first record). */
interface Position {
  readonly source: number;
  readonly offset: number | null;
}

function positionAfter(range: Range | null): Position {
  return range === null ? { source: 0, offset: null } : { source: range.source, offset: range.end };
}

/** What a cutter has to know of its format. */
export interface ByteFormat {
  /** A search for record ends; without a bound on items it is used only where `anywhere` is false. */
  borders(): Borders;
  /** The offset of the first record of a source. */
  firstRecord(source: Source, store: ObjectStore): Promise<number>;
  /** A chunk owns the records that start in its range: ranges may be cut at any byte. */
  readonly anywhere: boolean;
  /** Blank lines are items. */
  readonly blankIsItem: boolean;
}

/** One source being scanned. Between calls it stays where it is, so nothing is read twice. */
interface Scan {
  next(size: ChunkSize): Promise<number>;
  /** Without reading: for a cut by arithmetic. */
  moveTo(offset: number): Promise<void>;
  close(): Promise<void>;
}

function scanSource(source: Source, from: number, store: ObjectStore, format: ByteFormat): Scan {
  let start = from;
  let origin = from;
  let blocks: AsyncIterator<Uint8Array> | null = null;
  let borders = format.borders();
  let last: Uint8Array | undefined;
  let beforeLast: Uint8Array | undefined;

  /** Feeds the next block; false at the end of the source. */
  async function more(): Promise<boolean> {
    blocks ??= store.read(source.name, origin, source.size, source.version)[Symbol.asyncIterator]();
    // Into the last one the borders still look back.
    const block = await blocks.next(beforeLast);
    if (block.done === true) return false;
    borders.feed(block.value);
    beforeLast = last;
    last = block.value;
    return true;
  }

  async function endAtOrAfter(offset: number): Promise<number> {
    for (;;) {
      const end = borders.next(offset - origin);
      if (end >= 0) return origin + end;
      if (!(await more())) return source.size;
    }
  }

  async function endAfterItems(size: ChunkSize, items: number): Promise<number> {
    let previous = start;
    let count = 0;
    for (;;) {
      // A call without a promise for each record: this loop is the hot one.
      for (let end = borders.next(0); end >= 0; end = borders.next(0)) {
        const length = origin + end - previous;
        previous = origin + end;
        if (format.blankIsItem || !borders.blank(length)) count++;
        if (count >= items || (count > 0 && previous - start >= size.bytes)) return previous;
      }
      if (!(await more())) return source.size;
    }
  }

  return {
    async next(size) {
      start =
        size.items === null
          ? await endAtOrAfter(start + Math.max(1, size.bytes))
          : await endAfterItems(size, Math.max(1, size.items));
      return start;
    },
    async moveTo(offset) {
      await blocks?.return?.();
      blocks = null;
      last = beforeLast = undefined;
      borders = format.borders();
      origin = offset;
      start = offset;
    },
    async close() {
      await blocks?.return?.();
      blocks = null;
    },
  };
}

/** The cutter of a byte format. */
export function byteCutter(request: CutRequest, format: ByteFormat): Cutter {
  const { sources, store } = request;
  let { source: number, offset } = positionAfter(request.after);
  let scan: Scan | null = null;

  async function nextSource(): Promise<void> {
    await scan?.close();
    scan = null;
    offset = null;
    number++;
  }

  async function endOfNext(source: Source, start: number, size: ChunkSize): Promise<number> {
    scan ??= scanSource(source, start, store, format);
    if (size.items !== null || !format.anywhere) return scan.next(size);
    const end = Math.min(source.size, start + Math.max(1, size.bytes));
    await scan.moveTo(end);
    return end;
  }

  return {
    async next(size) {
      for (let source = sources[number]; source !== undefined; source = sources[number]) {
        const start = offset ?? (await format.firstRecord(source, store));
        if (start < source.size) {
          offset = await endOfNext(source, start, size);
          return { source: number, start, end: offset };
        }
        await nextSource();
      }
      return null;
    },
    async close() {
      await scan?.close();
      scan = null;
    },
  };
}
