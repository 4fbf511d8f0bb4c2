/** Cuts and reads whole sources of any kind like the planner and the workers. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Cut, PlanEntry } from "../../src/core/records/plan.ts";
import type { NextChunks } from "../../src/core/chunk-size.ts";
import { cutEntries } from "../../src/input/cut/plan-entries.ts";
import { readerKinds } from "../../src/input/kinds.ts";
import type { RecordPosition, Reader, Source, Unreadable } from "../../src/input/reader.ts";
import { readingOf } from "../../src/input/cut/spooled.ts";
import { memoryStore } from "../../src/testing/memory/store.ts";
import type { MemoryStore } from "../../src/testing/memory/store.ts";

export interface SpooledItem {
  readonly value: unknown;
  readonly unreadable: Unreadable | null;
  readonly position: RecordPosition;
}

/** Sources in a store, by their labels. */
export interface Shelf {
  readonly store: MemoryStore;
  readonly sources: readonly Source[];
}

export function shelf(files: { readonly [label: string]: Uint8Array | string }, blockBytes = 4096): Shelf {
  const store = memoryStore(blockBytes);
  const sources = Object.entries(files).map(([label, content], at): Source => {
    store.put(label, content);
    return { name: label, label, size: Buffer.from(content).length, version: String(at + 1) };
  });
  return { store, sources };
}

export const MANY: NextChunks = { count: 100, bytes: 1_000_000, items: null };

export async function planOf(
  reader: Reader,
  { store, sources }: Shelf,
  wanted = MANY,
  last: PlanEntry | null = null,
): Promise<PlanEntry[]> {
  const kind = readerKinds[reader.kind];
  const cutter = cutEntries({ kind, sources, options: reader.options, store, last });
  const plan: PlanEntry[] = [];
  let first = last === null ? 0 : last.first + last.ranges.length;
  for (let entry = last === null ? 0 : last.entry + 1; ; entry++) {
    const cut: Cut = await cutter.next(wanted);
    if (cut.ranges.length === 0) break;
    plan.push({ entry, first, ...cut });
    first += cut.ranges.length;
  }
  await cutter.close();
  return plan;
}

/** Each item with its source's label. Lines count from the beginning of a chunk. */
export async function itemsOf(
  reader: Reader,
  { store, sources }: Shelf,
  plan: readonly PlanEntry[],
): Promise<(SpooledItem & { readonly label: string })[]> {
  const items: (SpooledItem & { label: string })[] = [];
  for (const { ranges, spool } of plan) {
    for (const range of ranges) {
      const source = sources[range.source]!;
      const plain = { source, range, options: reader.options, store };
      const { kind, request } = readingOf(readerKinds[reader.kind], plain, spool ? { spool } : {});
      for await (const records of kind.read(request)) {
        records.values.forEach((value, index) => {
          const position = records.locate(index);
          items.push({
            value,
            unreadable: records.unreadable?.get(index) ?? null,
            position,
            label: source.label,
          });
        });
      }
    }
  }
  return items;
}

export async function readAllOf(
  reader: Reader,
  files: { readonly [label: string]: Uint8Array | string },
  wanted = MANY,
): Promise<(SpooledItem & { readonly label: string })[]> {
  const shelved = shelf(files);
  return itemsOf(reader, shelved, await planOf(reader, shelved, wanted));
}

/** A skippable frame, as pzstd writes one before each frame. */
const SKIPPABLE = Buffer.from("502a4d18040000000c000000", "hex");

/** All packings and encodings of a text; `split` divides it into parts where several are possible. */
export const PACKINGS: { readonly [name: string]: (text: string, split: number) => Uint8Array } = {
  "a.gz": (text) => gzipSync(text),
  "members.gz": (text, split) => Buffer.concat([gzipSync(text.slice(0, split)), gzipSync(text.slice(split))]),
  "padded.gz": (text) => Buffer.concat([gzipSync(text), Buffer.alloc(700)]),
  "a.zst": (text) => zstdCompressSync(text),
  "frames.zstd": (text, split) =>
    Buffer.concat([zstdCompressSync(text.slice(0, split)), zstdCompressSync(text.slice(split))]),
  "skippable.zst": (text, split) =>
    Buffer.concat(
      [text.slice(0, split), text.slice(split)].flatMap((part) => [SKIPPABLE, zstdCompressSync(part)]),
    ),
  "without-its-ending": (text) => gzipSync(text),
  "utf-16le": (text) => Buffer.from(`\uFEFF${text}`, "utf16le"),
  "utf-16be": (text) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16(),
  "utf-16.gz": (text) => gzipSync(Buffer.from(`\uFEFF${text}`, "utf16le")),
};
