/** An object being written: one request if it is small, parts as they fill up if it is not. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { ObjectWriter } from "../../ports.ts";
import { gatherer } from "./part-buffer.ts";
import { beginMultipart } from "./multipart.ts";
import type { Multipart } from "./multipart.ts";
import type { ObjectAddress } from "./object-name.ts";
import { statusOf } from "./store-error.ts";

/** `newPlace`: a name that nobody has. */
export function objectWriter(client: Pick<S3Client, "send">, newPlace: () => ObjectAddress): ObjectWriter {
  const gathered = gatherer();
  let place = newPlace();
  let length = 0;
  let multipart: Multipart | null = null;
  /** The part that is on its way while the next one is gathered. */
  let sending: Promise<void> = Promise.resolve();

  async function send(part: Uint8Array): Promise<void> {
    multipart ??= await beginMultipart(client, place);
    await sending;
    sending = multipart.upload(part);
    // It is waited for before the next part, or at the end.
    sending.catch(() => undefined);
  }

  async function orAbort<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      await sending.catch(() => undefined);
      await multipart?.abort();
      throw error;
    }
  }

  async function finish(): Promise<void> {
    if (multipart === null) {
      for (const bytes of gathered.rest()) place = await putNew(client, place, newPlace, bytes);
      return;
    }
    for (const part of gathered.rest()) await send(part);
    await sending;
    await multipart.complete();
  }

  return {
    write: (bytes) =>
      orAbort(async () => {
        // A copy: the caller uses its bytes again.
        const block = Buffer.from(bytes as Uint8Array);
        length += block.length;
        gathered.add(block);
        for (const part of gathered.full()) await send(part);
      }),
    close: () =>
      orAbort(async () => {
        await finish();
        return { name: place.Key, offset: 0, length };
      }),
  };
}

/** Names that turned out to be taken, one after the other, after which something else is wrong. */
const MAX_TAKEN = 3;
/** Of `If-None-Match`: there is such an object, or somebody is just writing it. */
const TAKEN: readonly unknown[] = [409, 412];

/**
 * Writes an object that was not there. The name is taken if the answer to our own first try was lost: then
 * the bytes are written under another one.
 */
async function putNew(
  client: Pick<S3Client, "send">,
  first: ObjectAddress,
  newPlace: () => ObjectAddress,
  bytes: Uint8Array,
): Promise<ObjectAddress> {
  let place = first;
  for (let taken = 0; ; taken++) {
    try {
      await client.send(new PutObjectCommand({ ...place, Body: bytes, IfNoneMatch: "*" }));
      return place;
    } catch (error) {
      if (taken >= MAX_TAKEN || !TAKEN.includes(statusOf(error))) throw error;
      place = newPlace();
    }
  }
}
