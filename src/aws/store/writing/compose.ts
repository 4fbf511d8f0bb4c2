/** Composes one object from many pieces. An older object of that name stays until the new one is complete. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Piece, Segment } from "../../../core/records/contribution.ts";
import { concurrently } from "../../concurrently.ts";
import { beginMultipart } from "./multipart.ts";
import type { Multipart } from "./multipart.ts";
import type { LocateObject, ObjectAddress } from "../object-name.ts";
import { isCopied, joinNeighbours, partsOf } from "./parts.ts";
import type { Material } from "./parts.ts";
import { readError } from "../store-error.ts";

/** The parts of the store that composing needs. */
export interface ComposeContext {
  readonly client: Pick<S3Client, "send">;
  readonly locate: LocateObject;
  /** The bytes of a small segment; fails where there are fewer. */
  readonly fetch: (segment: Segment) => Promise<Uint8Array>;
}

/** Small segments, below 5 MiB each, that are read ahead. */
const READS_AHEAD = 4;
/** Parts that are sent at once; those that are not copied have at most 8 MiB. */
const PARTS_AT_ONCE = 8;

/** Writes the object at `address`, in one request if it is small. Returns its size in bytes. */
export async function compose(
  context: ComposeContext,
  address: ObjectAddress,
  pieces: AsyncIterable<Piece>,
): Promise<number> {
  const materials = concurrently(joinNeighbours(pieces), READS_AHEAD, (piece) => load(context, piece));
  const parts = partsOf(materials, context.fetch);
  try {
    const [first, second] = [await parts.next(), await parts.next()];
    if (first.done === true) return await put(context, address, new Uint8Array());
    if (second.done === true && first.value instanceof Uint8Array)
      return await put(context, address, first.value);
    const begun = second.done === true ? [first.value] : [first.value, second.value];
    return await sendInParts(context, address, chain(begun, parts));
  } finally {
    await parts.return(undefined);
  }
}

async function put({ client }: ComposeContext, address: ObjectAddress, bytes: Uint8Array): Promise<number> {
  await client.send(new PutObjectCommand({ ...address, Body: bytes }));
  return bytes.length;
}

async function load({ fetch }: ComposeContext, piece: Piece): Promise<Material> {
  if ("text" in piece) return Buffer.from(piece.text);
  return isCopied(piece) ? piece : fetch(piece);
}

async function sendInParts(
  context: ComposeContext,
  address: ObjectAddress,
  parts: AsyncIterable<Material>,
): Promise<number> {
  const multipart = await beginMultipart(context.client, address);
  try {
    const sizes = concurrently(parts, PARTS_AT_ONCE, (part) => send(context, multipart, part));
    let bytes = 0;
    for await (const size of sizes) bytes += size;
    await multipart.complete();
    return bytes;
  } catch (error) {
    await multipart.abort();
    throw error;
  }
}

async function send({ locate }: ComposeContext, multipart: Multipart, part: Material): Promise<number> {
  if (part instanceof Uint8Array) {
    await multipart.upload(part);
    return part.length;
  }
  const { name, offset, length } = part;
  try {
    await multipart.copy({ address: locate(name), start: offset, end: offset + length });
  } catch (error) {
    throw readError(name, error);
  }
  return length;
}

async function* chain<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}
