/** Items of a CSV text, for tests. */
import { csv } from "../../../src/input/csv.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { readAll, type ReadItem } from "../reading.ts";

export async function itemsOf(text: string | Buffer, reader: Reader = csv()): Promise<ReadItem[]> {
  const bytes = Buffer.from(text);
  const chunks = await readAll(reader, sourceOf("f", bytes), bytesStore({ f: bytes }, 7));
  return chunks.flatMap((chunk) => chunk.items);
}

/** The values; where a record is unreadable, its message. */
export async function valuesOf(text: string | Buffer, reader?: Reader): Promise<unknown[]> {
  return (await itemsOf(text, reader)).map((item) => item.value ?? item.unreadable?.message);
}
