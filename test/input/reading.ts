/** Cuts and reads whole sources like the planner and the workers. */
import type {
  ChunkSize,
  CutRequest,
  RecordPosition,
  Range,
  Reader,
  ReaderKind,
  Source,
  Unreadable,
} from "../../src/input/reader.ts";
import { readerKinds } from "../../src/input/kinds.ts";
import type { ObjectStore } from "../../src/ports.ts";

export interface ReadItem {
  readonly value: unknown;
  readonly unreadable: Unreadable | null;
  readonly position: RecordPosition;
}

export interface ReadChunk {
  readonly range: Range;
  readonly items: readonly ReadItem[];
  readonly lines: number | null;
}

export async function cutAll(kind: ReaderKind, request: CutRequest, size: ChunkSize): Promise<Range[]> {
  const cutter = kind.cut(request);
  const ranges: Range[] = [];
  for (let range = await cutter.next(size); range !== null; range = await cutter.next(size))
    ranges.push(range);
  await cutter.close();
  return ranges;
}

export async function readChunk(
  reader: Reader,
  source: Source,
  range: Range,
  store: ObjectStore,
): Promise<ReadChunk> {
  const items: ReadItem[] = [];
  let lines: number | null = 0;
  for await (const records of readerKinds[reader.kind].read({
    source,
    range,
    options: reader.options,
    store,
  })) {
    lines = lines === null || records.lines === null ? null : lines + records.lines;
    records.values.forEach((value, index) => {
      items.push({
        value,
        unreadable: records.unreadable?.get(index) ?? null,
        position: records.locate(index),
      });
    });
  }
  return { range, items, lines };
}

/** All chunks of one source. */
export async function readAll(
  reader: Reader,
  source: Source,
  store: ObjectStore,
  size: ChunkSize = { bytes: 1_000_000, items: null },
): Promise<ReadChunk[]> {
  const kind = readerKinds[reader.kind];
  const ranges = await cutAll(kind, { sources: [source], options: reader.options, store, after: null }, size);
  const chunks: ReadChunk[] = [];
  for (const range of ranges) chunks.push(await readChunk(reader, source, range, store));
  return chunks;
}
