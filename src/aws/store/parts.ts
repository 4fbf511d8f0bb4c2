/**
 * Which parts a composed object is made of: large segments are copied where they are, everything else is put
 * together in memory.
 */
import type { Piece, Segment } from "../../core/records/contribution.ts";
import { gatherer } from "./part-buffer.ts";
import { MIN_PART_BYTES } from "./multipart.ts";

/** Bytes that are here, or a segment to be copied. */
export type Material = Uint8Array | Segment;

/** Copying has no limit of its own below 5 GiB; smaller parts are copied side by side. */
const MAX_COPY_BYTES = 512 * 1024 * 1024;

/**
 * Segments that are copied rather than read: what stands before one may take its first bytes, and as much as
 * a part needs has to be left.
 */
export function isCopied(segment: Segment): boolean {
  return segment.length >= MIN_PART_BYTES;
}

/** Segments that continue each other in one object are one segment, and nothing is no piece. */
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
 * All parts but the last have `MIN_PART_BYTES` at least. `fetch` reads the first bytes of a segment that is
 * not copied as a whole.
 */
export async function* partsOf(
  materials: AsyncIterable<Material>,
  fetch: (segment: Segment) => Promise<Uint8Array>,
): AsyncGenerator<Material> {
  const gathered = gatherer();
  for await (const material of materials) {
    if (material instanceof Uint8Array) {
      gathered.add(material);
      yield* gathered.full();
      continue;
    }
    let rest = material;
    const lacks = gathered.bytes === 0 ? 0 : Math.max(0, MIN_PART_BYTES - gathered.bytes);
    // If what is left were too short for a part, all of it is read.
    const taken = rest.length - lacks < MIN_PART_BYTES ? rest.length : lacks;
    if (taken > 0) {
      gathered.add(await fetch({ ...rest, length: taken }));
      rest = { ...rest, offset: rest.offset + taken, length: rest.length - taken };
    }
    if (rest.length === 0) {
      yield* gathered.full();
      continue;
    }
    yield* gathered.rest();
    yield* split(rest);
  }
  yield* gathered.rest();
}

/** Even pieces of a segment, none larger than is copied at once. */
function* split({ name, offset, length }: Segment): Generator<Segment> {
  const count = Math.ceil(length / MAX_COPY_BYTES);
  for (let place = 0; place < count; place++) {
    const from = Math.floor((length * place) / count);
    const to = Math.floor((length * (place + 1)) / count);
    yield { name, offset: offset + from, length: to - from };
  }
}
