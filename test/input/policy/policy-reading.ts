/** Readers tried on short texts, for the tests of the policy. */
import { expect } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { readAll } from "../reading.ts";

export const MARK = "\uFEFF";
/** Enough rows of CSV to fill the loop for lines without quotes. */
export const MANY = 300;

/** Values of items; where an item is unreadable, its message. */
export async function read(reader: Reader, text: string | Buffer, blockBytes = 7): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  const chunks = await readAll(reader, sourceOf("f", bytes), bytesStore({ f: bytes }, blockBytes));
  return chunks.flatMap(({ items }) => items.map((item) => item.value ?? item.unreadable?.message));
}

/** The rows of columns a and b in this text: the same alone, among many others, and after a quoted row. */
export async function rows(body: string, reader: Reader = csv()): Promise<unknown[]> {
  const alone = await read(reader, `a,b\n${body}`);
  const others = { before: "x,y\n".repeat(MANY), quoted: '"x",y\n' };
  const among = await read(reader, `a,b\n${others.before}${body}`, 65_536);
  expect(among.slice(MANY)).toEqual(alone);
  expect((await read(reader, `a,b\n${others.quoted}${body}`)).slice(1)).toEqual(alone);
  return alone;
}

export const pair = (a: string, b: string): object => ({ a, b });
export const saying = (text: string): unknown => expect.stringContaining(text);
