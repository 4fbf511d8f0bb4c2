/** One plan entry of items that were made: their lines go to one segment, and are cut into chunks. */
import { fullEntryCheck } from "../../core/records/plan.ts";
import type { Cut, PlannedRange } from "../../core/records/plan.ts";
import type { NextChunks } from "../../core/chunk-size.ts";
import type { ObjectStore, ObjectWriter } from "../../ports.ts";

export interface GeneratedEntry {
  add(line: Buffer): Promise<void>;
  isEmpty(): boolean;
  isFull(): boolean;
  close(): Promise<Cut>;
}

/** A chunk of large items ends here, unless a number of bytes is given. */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;

/** `base`: where its first line begins in the text of all. */
export function generatedEntry(store: ObjectStore, base: number, wanted: NextChunks): GeneratedEntry {
  const ranges: PlannedRange[] = [];
  const isFull = fullEntryCheck(true);
  const most = wanted.bytes === Number.MAX_SAFE_INTEGER ? MAX_CHUNK_BYTES : wanted.bytes;
  let writer: ObjectWriter | null = null;
  let start = base;
  let end = base;
  let items = 0;

  function cut(): void {
    if (end > start) ranges.push({ source: 0, start, end });
    start = end;
    items = 0;
  }

  return {
    async add(line) {
      writer ??= store.create("spool/items");
      await writer.write(line);
      end += line.length;
      items++;
      if (items >= (wanted.items ?? Infinity) || end - start >= most) cut();
    },
    isEmpty: () => end === base,
    isFull: () => isFull(ranges, wanted.count),
    async close() {
      cut();
      if (writer === null) return { ranges };
      return { ranges, spool: { ...(await writer.close()), base } };
    },
  };
}
