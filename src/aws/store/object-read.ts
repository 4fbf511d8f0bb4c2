/** Reads an object as one stream. A broken connection is resumed at the byte where it broke. */
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { ObjectAddress } from "./object-name.ts";
import type { Backoff } from "../backoff.ts";
import { readError, statusOf } from "./store-error.ts";

export interface ObjectSource {
  readonly client: Pick<S3Client, "send">;
  readonly address: ObjectAddress;
  /** The name for messages to users. */
  readonly name: string;
  readonly backoff: Backoff;
}

/** After this many consecutive broken connections without a byte between them, the read fails. */
const MAX_BREAKS = 5;

/**
 * The bytes from `start` to before `end`, or to the end of the object if that comes first. Throws
 * `INPUT_CHANGED` if the object's ETag is not `version`, and the verdicts of `readError`.
 */
export async function* readObject(
  source: ObjectSource,
  start: number,
  end: number,
  version: string | undefined,
): AsyncGenerator<Uint8Array> {
  let pinned = version;
  let position = start;
  for (let breaks = 0; position < end;) {
    const response = await open(source, position, end, pinned);
    if (response === null) return;
    // A resumed read has to continue in the same version of the object.
    pinned ??= response.ETag;
    const last = position + (response.ContentLength ?? Infinity);
    try {
      for await (const block of blocksOf(response)) {
        position += block.length;
        breaks = 0;
        yield block;
      }
      if (position >= last || response.ContentLength === undefined) return;
      throw new Error(`S3 sent only ${position - start} bytes of ${source.name}`);
    } catch (error) {
      if (++breaks > MAX_BREAKS) throw error;
      await source.backoff(breaks);
    }
  }
}

/** `null` if the object ends at or before `position`. */
async function open(
  { client, address, name }: ObjectSource,
  position: number,
  end: number,
  version: string | undefined,
): Promise<GetObjectCommandOutput | null> {
  const Range = `bytes=${position}-${Number.isFinite(end) ? end - 1 : ""}`;
  try {
    return await client.send(
      new GetObjectCommand({ ...address, Range, ...(version === undefined ? {} : { IfMatch: version }) }),
    );
  } catch (error) {
    if (statusOf(error) === 416) return null;
    throw readError(name, error);
  }
}

/**
 * The blocks of the body. A consumer that stops early closes the connection, so the rest is not downloaded.
 */
async function* blocksOf({ Body }: GetObjectCommandOutput): AsyncGenerator<Uint8Array> {
  // In Node a body is always a stream of buffers; the SDK's type also covers browsers.
  if (Body) yield* Body as unknown as AsyncIterable<Uint8Array>;
}
