/** Bytes of an object, as one stream that is taken up again where the connection broke. */
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { ObjectAddress } from "./object-name.ts";
import type { Pause } from "../backoff.ts";
import { readError, statusOf } from "./store-error.ts";

export interface ObjectSource {
  readonly client: Pick<S3Client, "send">;
  readonly place: ObjectAddress;
  /** What users call it. */
  readonly name: string;
  readonly pause: Pause;
}

/** Broken connections in a row, without a byte between them, after which the reader is told. */
const MAX_BREAKS = 5;

export async function* readObject(
  source: ObjectSource,
  start: number,
  end: number,
  version: string | undefined,
): AsyncGenerator<Uint8Array> {
  let pinned = version;
  let position = start;
  for (let breaks = 0; position < end;) {
    const answer = await open(source, position, end, pinned);
    if (answer === null) return;
    // Whoever goes on in the middle has to go on in the same object.
    pinned ??= answer.ETag;
    const last = position + (answer.ContentLength ?? Infinity);
    try {
      for await (const block of blocksOf(answer)) {
        position += block.length;
        breaks = 0;
        yield block;
      }
      if (position >= last || answer.ContentLength === undefined) return;
      throw new Error(`S3 sent ${position - start} bytes of ${source.name} and no more`);
    } catch (error) {
      if (++breaks > MAX_BREAKS) throw error;
      await source.pause(breaks);
    }
  }
}

/** `null` if there is nothing at `position` or after it. */
async function open(
  { client, place, name }: ObjectSource,
  position: number,
  end: number,
  version: string | undefined,
): Promise<GetObjectCommandOutput | null> {
  const Range = `bytes=${position}-${Number.isFinite(end) ? end - 1 : ""}`;
  try {
    return await client.send(
      new GetObjectCommand({ ...place, Range, ...(version === undefined ? {} : { IfMatch: version }) }),
    );
  } catch (error) {
    if (statusOf(error) === 416) return null;
    throw readError(name, error);
  }
}

/** The body's blocks. Leaving early ends the connection: nobody downloads the rest for nothing. */
async function* blocksOf({ Body }: GetObjectCommandOutput): AsyncGenerator<Uint8Array> {
  // In Node a body is always a stream of buffers: the SDK's type covers browsers too.
  if (Body) yield* Body as unknown as AsyncIterable<Uint8Array>;
}
