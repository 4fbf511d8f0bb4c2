/** The objects that users name, in the stack's own bucket and its readable ones. */
import type { S3Client } from "@aws-sdk/client-s3";
import type { InputObjects } from "../../ports.ts";
import { listObjects } from "./list-objects.ts";
import { locator, prefixLocator } from "./object-name.ts";

export function createInputObjects(
  client: Pick<S3Client, "send">,
  bucket: string,
  readable: readonly string[],
): InputObjects {
  const locate = locator(bucket, readable);
  const locatePrefix = prefixLocator(bucket, readable);
  return {
    nameOf(url) {
      locate(url);
      return url;
    },
    async *list(url, after) {
      const { Bucket, Key } = locatePrefix(url);
      const behind = after === null ? undefined : locate(after).Key;
      yield* listObjects(client, { bucket: Bucket, prefix: Key, after: behind });
    },
  };
}
