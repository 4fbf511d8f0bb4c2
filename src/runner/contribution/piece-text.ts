/** Reads and cuts the text of pieces. */
import { placeOf, verified } from "../../checksum.ts";
import type { Piece, Segment } from "../../core/records/contribution.ts";
import type { ObjectStore } from "../../ports.ts";

/** In bytes, as in the object store. */
export function bytesOf(piece: Piece): number {
  return "text" in piece ? Buffer.byteLength(piece.text) : piece.length;
}

/** The text of a piece, in blocks that do not cut characters. */
export async function* textOf(store: Pick<ObjectStore, "read">, piece: Piece): AsyncGenerator<string> {
  if ("text" in piece) {
    yield piece.text;
    return;
  }
  const decoder = new TextDecoder();
  for await (const block of blocksOf(store, piece)) yield decoder.decode(block, { stream: true });
  yield decoder.decode();
}

/** Reads a piece to its end, and throws `DIRECTORY_UNUSABLE` if it has changed. */
export async function verifyPiece(store: Pick<ObjectStore, "read">, piece: Piece): Promise<void> {
  if ("text" in piece || piece.crc === undefined) return;
  const blocks = blocksOf(store, piece)[Symbol.asyncIterator]();
  while ((await blocks.next()).done !== true);
}

/** The bytes of a segment. A segment with a checksum is compared with it at the end. */
export function blocksOf(store: Pick<ObjectStore, "read">, segment: Segment): AsyncIterable<Uint8Array> {
  const { name, offset, length, crc } = segment;
  const blocks = store.read(name, offset, offset + length);
  return crc === undefined ? blocks : verified(blocks, crc, placeOf(segment));
}

/** Lines without their line ends. Every line has one. */
export async function* linesOf(store: Pick<ObjectStore, "read">, piece: Piece): AsyncGenerator<string> {
  let rest = "";
  for await (const text of textOf(store, piece)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Bytes `from` up to `to` of consecutive pieces, as pieces. A part of a piece has no checksum. */
export function slice(pieces: readonly Piece[], from: number, to: number): Piece[] {
  const sliced: Piece[] = [];
  let at = 0;
  for (const piece of pieces) {
    const length = bytesOf(piece);
    const start = Math.max(0, from - at);
    const end = Math.min(length, to - at);
    at += length;
    if (start < end) sliced.push(start === 0 && end === length ? piece : part(piece, start, end));
  }
  return sliced;
}

function part(piece: Piece, start: number, end: number): Piece {
  if ("text" in piece) return { text: Buffer.from(piece.text).toString("utf8", start, end) };
  const { name, offset }: Segment = piece;
  return { name, offset: offset + start, length: end - start };
}
