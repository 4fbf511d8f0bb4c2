/**
 * Divides a composed object into parts. S3 copies large segments without a download; everything else is
 * assembled in memory.
 */
import type { Piece, Segment } from "../../../core/records/contribution.ts";
import { createPartBuffer } from "./part-buffer.ts";
import { MIN_PART_BYTES } from "./multipart.ts";

/** Bytes in memory, or a segment that S3 copies. */
export type Material = Uint8Array | Segment;

/** S3 copies up to 5 GiB in one request; smaller parts are copied concurrently. */
const MAX_COPY_BYTES = 512 * 1024 * 1024;

/**
 * Whether S3 copies the segment. Its first bytes may still be read to fill up the part before it, if enough
 * for a part of its own is left.
 */
export function isCopied(segment: Segment): boolean {
  return segment.length >= MIN_PART_BYTES;
}

/** Unites adjacent segments of one object, and drops empty pieces. */
export async function* joinNeighbours(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  let held = null as Segment | null;
  for await (const piece of pieces) {
    if ("text" in piece) {
      if (held !== null) yield held;
      held = null;
      if (piece.text !== "") yield piece;
    } else if (held?.name === piece.name && held.offset + held.length === piece.offset) {
      held = { ...held, length: held.length + piece.length };
    } else if (piece.length > 0) {
      if (held !== null) yield held;
      held = piece;
    }
  }
  if (held !== null) yield held;
}

/**
 * All parts but the last have at least `MIN_PART_BYTES`. `fetch` reads the first bytes of a segment that is
 * not copied as a whole.
 */
export async function* partsOf(
  materials: AsyncIterable<Material>,
  fetch: (segment: Segment) => Promise<Uint8Array>,
): AsyncGenerator<Material> {
  const buffer = createPartBuffer();
  for await (const material of materials) {
    if (material instanceof Uint8Array) {
      buffer.add(material);
      yield* buffer.takeParts();
      continue;
    }
    let rest = material;
    const missing = buffer.bytes === 0 ? 0 : Math.max(0, MIN_PART_BYTES - buffer.bytes);
    // If the remainder were too short for a part, all of the segment is read.
    const taken = rest.length - missing < MIN_PART_BYTES ? rest.length : missing;
    if (taken > 0) {
      buffer.add(await fetch({ ...rest, length: taken }));
      rest = { ...rest, offset: rest.offset + taken, length: rest.length - taken };
    }
    if (rest.length === 0) {
      yield* buffer.takeParts();
      continue;
    }
    yield* buffer.takeRest();
    yield* split(rest);
  }
  yield* buffer.takeRest();
}

/** Splits a segment evenly into parts that S3 copies in one request each. */
function* split({ name, offset, length }: Segment): Generator<Segment> {
  const count = Math.ceil(length / MAX_COPY_BYTES);
  for (let index = 0; index < count; index++) {
    const from = Math.floor((length * index) / count);
    const to = Math.floor((length * (index + 1)) / count);
    yield { name, offset: offset + from, length: to - from };
  }
}
