/** One plan entry of generated items: their lines go to one spool segment, and are cut into chunks. */
import { fullEntryCheck } from "../../core/records/plan.ts";
import type { Cut, PlannedRange } from "../../core/records/plan.ts";
import type { NextChunks } from "../../core/chunk-size.ts";
import { checksum } from "../../checksum.ts";
import type { ObjectStore, ObjectWriter } from "../../ports.ts";

export interface GeneratedEntry {
  add(line: Buffer): Promise<void>;
  isEmpty(): boolean;
  isFull(): boolean;
  /** All of its chunks are whole: none is begun. */
  isWhole(): boolean;
  close(): Promise<Cut>;
}

/** The size at which a chunk ends, unless the job gives a number of bytes. */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;

/** `base`: where the entry's first line begins in the text of all items. */
export function generatedEntry(store: ObjectStore, base: number, wanted: NextChunks): GeneratedEntry {
  const ranges: PlannedRange[] = [];
  const isFull = fullEntryCheck(true);
  const maxBytes = wanted.bytes === Number.MAX_SAFE_INTEGER ? MAX_CHUNK_BYTES : wanted.bytes;
  let writer: ObjectWriter | null = null;
  let start = base;
  let end = base;
  let items = 0;
  let crc = 0;

  function cut(): void {
    const range = { source: 0, start, end };
    if (end > start) ranges.push(store.sums ? { ...range, crc } : range);
    start = end;
    items = 0;
    crc = 0;
  }

  return {
    async add(line) {
      writer ??= store.create("spool/items");
      await writer.write(line);
      if (store.sums) crc = checksum(line, crc);
      end += line.length;
      items++;
      if (items >= (wanted.items ?? Infinity) || end - start >= maxBytes) cut();
    },
    isEmpty: () => end === base,
    isFull: () => isFull(ranges, wanted.count),
    isWhole: () => end === start,
    async close() {
      cut();
      if (writer === null) return { ranges };
      // Its ranges have checksums of their own.
      const { name, offset, length } = await writer.close();
      return { ranges, spool: { name, offset, length, base } };
    },
  };
}
