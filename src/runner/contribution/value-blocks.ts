/**
 * A joined value with many groups, in blocks: lines of a stored object, each of them an encoded accumulator.
 * Merged in order they are the value. No text of the whole is ever made.
 */
import type { Json } from "../../core/json/json.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Piece } from "../../core/records/contribution.ts";
import type { ObjectStore } from "../../ports.ts";
import { blocksOf } from "./piece-text.ts";
import { PieceWriter } from "./piece-writer.ts";

/** When values are kept in blocks, and how large they may be. */
export interface LargeValues {
  /** Values of fewer groups are kept in one piece. */
  readonly fromGroups: number;
  readonly mostBytes: number;
}

/** On one machine. There a newer fanjoin never meets an older one over a directory. */
export const IN_BLOCKS: LargeValues = { fromGroups: 4096, mostBytes: 512 * 1024 * 1024 };
/** Characters of a block. */
export const BLOCK_CHARS = 128 * 1024;
const NEWLINE = 10;

/** Throws `JOIN_TOO_LARGE`. */
export async function writeBlocks(
  store: ObjectStore,
  texts: Iterable<string>,
  { mostBytes }: LargeValues,
): Promise<Piece[]> {
  const writer = new PieceWriter(store, "partials/value");
  let chars = 0;
  for (const text of texts) {
    writer.add(`${text}\n`);
    chars += text.length;
    if (chars > mostBytes) throw tooLarge(`more than ${mostBytes}`, mostBytes);
    await writer.unload();
  }
  return writer.close(0);
}

export function tooLarge(chars: string, most: number): FanjoinError {
  return new FanjoinError(
    "JOIN_TOO_LARGE",
    `the joined value has ${chars} characters of JSON, the limit is ${most}: collect() has none`,
  );
}

export function isTooLarge(thrown: unknown): thrown is FanjoinError {
  return thrown instanceof FanjoinError && thrown.code === "JOIN_TOO_LARGE";
}

/** The encoded accumulators, in order. Throws `DIRECTORY_UNUSABLE` for bytes that have changed. */
export async function* readBlocks(
  store: Pick<ObjectStore, "read">,
  pieces: readonly Piece[],
): AsyncGenerator<Json> {
  for (const piece of pieces) {
    if ("text" in piece) {
      for (const line of piece.text.split("\n")) if (line !== "") yield JSON.parse(line) as Json;
      continue;
    }
    let held: Buffer[] = [];
    for await (const bytes of blocksOf(store, piece)) {
      const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let from = 0;
      for (let end = block.indexOf(NEWLINE); end >= 0; end = block.indexOf(NEWLINE, from)) {
        const line = Buffer.concat([...held, block.subarray(from, end)]);
        held = [];
        from = end + 1;
        yield JSON.parse(line.toString("utf8")) as Json;
      }
      // The store may fill the block again.
      if (from < block.length) held.push(Buffer.from(block.subarray(from)));
    }
  }
}
