/** Lists the objects below a prefix. */
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { ListObjectsV2CommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { ListedObject } from "../../ports.ts";
import { s3Name } from "./object-name.ts";
import { readError } from "./store-error.ts";

/**
 * At most `limit` objects, in the order of their keys, as S3 lists them. Keys that end in `/` are left out:
 * the S3 console makes them for folders.
 */
export async function listObjects(
  client: Pick<S3Client, "send">,
  { bucket, prefix, limit }: { readonly bucket: string; readonly prefix: string; readonly limit: number },
): Promise<ListedObject[]> {
  const found: ListedObject[] = [];
  for (let token: string | undefined; found.length < limit;) {
    const page = await pageOf(client, bucket, prefix, token);
    for (const { Key = "", Size = 0, ETag = "" } of page.Contents ?? []) {
      if (!Key.endsWith("/")) found.push({ url: s3Name(bucket, Key), bytes: Size, version: ETag });
    }
    token = page.NextContinuationToken;
    if (token === undefined) break;
  }
  return found.slice(0, limit);
}

async function pageOf(
  client: Pick<S3Client, "send">,
  Bucket: string,
  Prefix: string,
  ContinuationToken: string | undefined,
): Promise<ListObjectsV2CommandOutput> {
  try {
    return await client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }));
  } catch (error) {
    throw readError(s3Name(Bucket, Prefix), error);
  }
}
