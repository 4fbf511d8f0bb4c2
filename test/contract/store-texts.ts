/** What the suite of the store writes and reads. */
import { createHash } from "node:crypto";
import type { Piece, Segment } from "../../src/core/records/contribution.ts";
import type { ObjectStore } from "../../src/ports.ts";

export async function textOf(store: ObjectStore, name: string, start = 0, end = Infinity): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of store.read(name, start, end)) blocks.push(block);
  return Buffer.concat(blocks).toString();
}

export async function drain(blocks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const block of blocks) bytes += block.length;
  return bytes;
}

export async function write(store: ObjectStore, ...parts: (string | Uint8Array)[]): Promise<Segment> {
  const writer = store.create("attempts/x");
  for (const part of parts) await writer.write(part);
  return writer.close();
}

export async function* each(pieces: readonly Piece[]): AsyncGenerator<Piece> {
  yield* pieces;
}

export const MIB = 1024 * 1024;

/** Bytes that differ from position to position. */
export function pattern(length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let index = 0; index < words.length; index++) words[index] = Math.imul(index + 1, 0x9e3779b1);
  return Buffer.from(words.buffer, 0, length);
}

export async function bytesOf(store: ObjectStore, { name, offset, length }: Segment): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(store.read(name, offset, offset + length)));
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}

export const textOfSegment = (store: ObjectStore, { name, offset, length }: Segment): Promise<string> =>
  textOf(store, name, offset, offset + length);
