/** One object from many pieces. What was there under its name stays until all of them are there. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Piece, Segment } from "../../core/records/contribution.ts";
import { ahead } from "../concurrently.ts";
import { beginMultipart } from "./multipart.ts";
import type { Multipart } from "./multipart.ts";
import type { LocateObject, ObjectAddress } from "./object-name.ts";
import { isCopied, joinNeighbours, partsOf } from "./parts.ts";
import type { Material } from "./parts.ts";
import { readError } from "./store-error.ts";

export interface Composer {
  readonly client: Pick<S3Client, "send">;
  readonly locate: LocateObject;
  /** The bytes of a small segment; fails where there are fewer. */
  readonly fetch: (segment: Segment) => Promise<Uint8Array>;
}

/** Small segments read ahead, of less than 5 MiB each. */
const READS_AHEAD = 4;
/** Parts on their way, of at most 8 MiB if they are not copied. */
const PARTS_AT_ONCE = 8;

/** Returns the size of the object. */
export async function compose(
  composer: Composer,
  place: ObjectAddress,
  pieces: AsyncIterable<Piece>,
): Promise<number> {
  const materials = ahead(joinNeighbours(pieces), READS_AHEAD, (piece) => load(composer, piece));
  const parts = partsOf(materials, composer.fetch);
  try {
    const [first, second] = [await parts.next(), await parts.next()];
    if (first.done === true) return await put(composer, place, new Uint8Array());
    if (second.done === true && first.value instanceof Uint8Array)
      return await put(composer, place, first.value);
    const given = second.done === true ? [first.value] : [first.value, second.value];
    return await inParts(composer, place, chain(given, parts));
  } finally {
    await parts.return(undefined);
  }
}

async function put({ client }: Composer, place: ObjectAddress, bytes: Uint8Array): Promise<number> {
  await client.send(new PutObjectCommand({ ...place, Body: bytes }));
  return bytes.length;
}

async function load({ fetch }: Composer, piece: Piece): Promise<Material> {
  if ("text" in piece) return Buffer.from(piece.text);
  return isCopied(piece) ? piece : fetch(piece);
}

async function inParts(
  composer: Composer,
  place: ObjectAddress,
  parts: AsyncIterable<Material>,
): Promise<number> {
  const multipart = await beginMultipart(composer.client, place);
  try {
    const sizes = ahead(parts, PARTS_AT_ONCE, (part) => send(composer, multipart, part));
    let bytes = 0;
    for await (const size of sizes) bytes += size;
    await multipart.complete();
    return bytes;
  } catch (error) {
    await multipart.abort();
    throw error;
  }
}

async function send({ locate }: Composer, multipart: Multipart, part: Material): Promise<number> {
  if (part instanceof Uint8Array) {
    await multipart.upload(part);
    return part.length;
  }
  const { name, offset, length } = part;
  try {
    await multipart.copy({ place: locate(name), start: offset, end: offset + length });
  } catch (error) {
    throw readError(name, error);
  }
  return length;
}

async function* chain<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}
