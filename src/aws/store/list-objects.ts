/** Lists the objects below a prefix. */
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { ListObjectsV2CommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { ListedObject } from "../../ports.ts";
import { s3Name } from "./object-name.ts";
import { readError } from "./store-error.ts";

export interface ListedBelow {
  readonly bucket: string;
  readonly prefix: string;
  /** Only keys behind this one. Absent: all. */
  readonly after?: string | undefined;
}

/**
 * The objects in the order of their keys, as S3 lists them, page by page. Keys that end in `/` are left out:
 * the S3 console makes them for folders.
 */
export async function* listObjects(
  client: Pick<S3Client, "send">,
  below: ListedBelow,
): AsyncGenerator<ListedObject> {
  for (let token: string | undefined; ;) {
    const page = await pageOf(client, below, token);
    for (const { Key = "", Size = 0, ETag = "" } of page.Contents ?? []) {
      if (!Key.endsWith("/")) yield { url: s3Name(below.bucket, Key), bytes: Size, version: ETag };
    }
    token = page.NextContinuationToken;
    if (token === undefined) return;
  }
}

async function pageOf(
  client: Pick<S3Client, "send">,
  { bucket: Bucket, prefix: Prefix, after: StartAfter }: ListedBelow,
  ContinuationToken: string | undefined,
): Promise<ListObjectsV2CommandOutput> {
  try {
    return await client.send(new ListObjectsV2Command({ Bucket, Prefix, StartAfter, ContinuationToken }));
  } catch (error) {
    throw readError(s3Name(Bucket, Prefix), error);
  }
}
