/** Reads Parquet files as the planner and the workers do. */
import { readFileSync } from "node:fs";
import { parquet } from "../../../src/input/parquet.ts";
import { readerKinds } from "../../../src/input/kinds.ts";
import type { ChunkSize, Range, Reader } from "../../../src/input/reader.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { cutAll, readAll, readChunk } from "../reading.ts";
import type { ReadItem } from "../reading.ts";

const FILES = new URL("files/", import.meta.url);

export function fileBytes(name: string): Buffer {
  return readFileSync(new URL(name, FILES));
}

/** What the rows of most files are, as pyarrow read them. */
export function expectedRows(): { readonly [column: string]: unknown }[] {
  const lines = fileBytes("rows.jsonl").toString().trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as { readonly [column: string]: unknown });
}

const WHOLE: ChunkSize = { bytes: Number.MAX_SAFE_INTEGER, items: null };

export async function itemsOf(
  bytes: Buffer,
  reader: Reader = parquet(),
  size: ChunkSize = WHOLE,
): Promise<ReadItem[]> {
  const chunks = await readAll(
    reader,
    sourceOf("f.parquet", bytes),
    bytesStore({ "f.parquet": bytes }),
    size,
  );
  return chunks.flatMap(({ items }) => items);
}

/** Values of items; where an item is unreadable, its message. */
export async function valuesOf(bytes: Buffer, reader: Reader = parquet()): Promise<unknown[]> {
  return (await itemsOf(bytes, reader)).map(({ value, unreadable }) => value ?? unreadable?.message);
}

/** The ranges that a planner makes of the file. */
export function rangesOf(bytes: Buffer, size: ChunkSize): Promise<Range[]> {
  const sources = [sourceOf("f.parquet", bytes)];
  const store = bytesStore({ "f.parquet": bytes });
  return cutAll(readerKinds.parquet, { sources, options: {}, store, after: null }, size);
}

/** The values of one range of the file. */
export async function valuesIn(bytes: Buffer, range: Range): Promise<unknown[]> {
  const store = bytesStore({ "f.parquet": bytes });
  const { items } = await readChunk(parquet(), sourceOf("f.parquet", bytes), range, store);
  return items.map(({ value }) => value);
}
