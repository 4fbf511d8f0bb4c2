/**
 * Cutters of byte formats: by arithmetic where a chunk owns the records that start in its range, else by
 * scanning for record ends.
 */
import type { Scan } from "./scan.ts";
import { scanRecords } from "./scan.ts";
import type { ByteFormat, ChunkSize, CutRequest, Cutter, Range, Source } from "../reader.ts";

/** Where to continue: a source's number and an offset in it (`null`: its first record). */
interface Position {
  readonly source: number;
  readonly offset: number | null;
}

function positionAfter(range: Range | null): Position {
  return range === null ? { source: 0, offset: null } : { source: range.source, offset: range.end };
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
    const open = (from: number): AsyncIterable<Uint8Array> =>
      store.read(source.name, from, source.size, source.version);
    scan ??= scanRecords(open, start, format);
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
    lastItems: () => scan?.lastItems() ?? 0,
    async close() {
      await scan?.close();
      scan = null;
    },
  };
}
