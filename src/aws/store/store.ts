/** The object store on S3: users' inputs by `s3:` URL, and fanjoin's own objects in one bucket. */
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Segment } from "../../core/records/contribution.ts";
import type { ObjectStat, ObjectStore } from "../../ports.ts";
import { ATTEMPTS, locator } from "./object-name.ts";
import { readObject } from "./object-read.ts";
import { objectWriter } from "./writing/object-writer.ts";
import { fullJitter } from "../backoff.ts";
import type { Backoff } from "../backoff.ts";
import { compose } from "./writing/compose.ts";
import { removeFolder } from "./remove-folder.ts";
import { changed, notFound, readError, statusOf } from "./store-error.ts";

export interface S3StoreOptions {
  readonly client: Pick<S3Client, "send">;
  /** The bucket of fanjoin's own objects. */
  readonly bucket: string;
  /** Other buckets that may hold users' inputs. */
  readonly readable: readonly string[];
  /** Returns an unused name. It has to be short, because it travels in messages and in the plan. */
  readonly newName: () => string;
  readonly backoff?: Backoff;
}

export function createS3Store(options: S3StoreOptions): ObjectStore {
  const { client, bucket, readable, newName, backoff = fullJitter } = options;
  const locate = locator(bucket, readable);

  async function stat(name: string): Promise<ObjectStat | null> {
    try {
      const { ContentLength = 0, ETag = "" } = await client.send(new HeadObjectCommand(locate(name)));
      return { bytes: ContentLength, version: ETag };
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw readError(name, error);
    }
  }

  async function* read(
    name: string,
    start: number,
    end: number,
    version?: string,
  ): AsyncGenerator<Uint8Array> {
    const address = locate(name);
    if (start < end) yield* readObject({ client, address, name, backoff }, start, end, version);
    // S3 has no empty ranges. Only the object's version can be checked.
    else if (version !== undefined) await check(name, version);
  }

  async function check(name: string, version: string): Promise<void> {
    const found = await stat(name);
    if (found === null) throw notFound(name);
    if (found.version !== version) throw changed(name);
  }

  async function fetch({ name, offset, length }: Segment): Promise<Uint8Array> {
    const bytes = Buffer.concat(await Array.fromAsync(read(name, offset, offset + length)));
    if (bytes.length < length) throw notFound(`${name} with ${offset + length} bytes`);
    return bytes;
  }

  const store: ObjectStore = {
    remote: () => true,
    stat,
    read,
    // Its objects expire by themselves, batch or not.
    of: () => store,
    create: (name) =>
      objectWriter(client, () => ({ Bucket: bucket, Key: `${ATTEMPTS}/${newName()}/${name}` })),
    compose: (name, pieces) => compose({ client, locate, fetch }, locate(name), pieces),
    removeFolder: (name) => removeFolder(client, locate(name)),
  };
  return store;
}
