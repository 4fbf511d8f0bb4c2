/** Writes an object as a stream: in one request if it is small, in parts if not. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { ObjectWriter } from "../../../ports.ts";
import { createPartBuffer } from "./part-buffer.ts";
import { beginMultipart } from "./multipart.ts";
import type { Multipart } from "./multipart.ts";
import type { ObjectAddress } from "../object-name.ts";
import { statusOf } from "../store-error.ts";

/** `newAddress` returns an unused address at each call. */
export function objectWriter(client: Pick<S3Client, "send">, newAddress: () => ObjectAddress): ObjectWriter {
  const buffer = createPartBuffer();
  let address = newAddress();
  let length = 0;
  let multipart: Multipart | null = null;
  /** The part that is sent while the next one fills up. */
  let sending: Promise<void> = Promise.resolve();

  async function send(part: Uint8Array): Promise<void> {
    multipart ??= await beginMultipart(client, address);
    await sending;
    sending = multipart.upload(part);
    // It is awaited before the next part or at the end; until then a rejection must not count as unhandled.
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
      for (const bytes of buffer.takeRest()) address = await putNew(client, address, newAddress, bytes);
      return;
    }
    for (const part of buffer.takeRest()) await send(part);
    await sending;
    await multipart.complete();
  }

  return {
    write: (bytes) =>
      orAbort(async () => {
        // A copy, because the caller reuses its buffer.
        const block = Buffer.from(bytes as Uint8Array);
        length += block.length;
        buffer.add(block);
        for (const part of buffer.takeParts()) await send(part);
      }),
    close: () =>
      orAbort(async () => {
        await finish();
        return { name: address.Key, offset: 0, length };
      }),
  };
}

/** After this many taken names in a row something else must be wrong. */
const MAX_TAKEN = 3;
/** Statuses for `If-None-Match`: the object exists (412), or is being written at the moment (409). */
const TAKEN: readonly unknown[] = [409, 412];

/**
 * Writes a new object and returns its address. A name is taken if an earlier try was applied and its response
 * lost; the bytes are then written under another name.
 */
async function putNew(
  client: Pick<S3Client, "send">,
  first: ObjectAddress,
  newAddress: () => ObjectAddress,
  bytes: Uint8Array,
): Promise<ObjectAddress> {
  let address = first;
  for (let taken = 0; ; taken++) {
    try {
      await client.send(new PutObjectCommand({ ...address, Body: bytes, IfNoneMatch: "*" }));
      return address;
    } catch (error) {
      if (taken >= MAX_TAKEN || !TAKEN.includes(statusOf(error))) throw error;
      address = newAddress();
    }
  }
}
