/** Removes the objects of a folder. */
import { DeleteObjectsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { ObjectAddress } from "./object-name.ts";

/**
 * Removes what one page of a list names: at most 1,000 objects. Returns whether the folder is empty then.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
export async function removeFolder(
  client: Pick<S3Client, "send">,
  { Bucket, Key }: ObjectAddress,
): Promise<boolean> {
  const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: `${Key}/` }));
  const Objects = (page.Contents ?? []).map(({ Key: key }) => ({ Key: key }));
  if (Objects.length === 0) return true;
  const { Errors = [] } = await client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
  );
  const [first] = Errors;
  if (first) {
    const { Code = "an error", Message = "" } = first;
    throw new Error(`${Errors.length} objects of ${Key}/ were not removed: ${Code} ${Message}`);
  }
  return page.IsTruncated !== true;
}
