/** URLs by which somebody without credentials may read or write one object, for a while. */
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

/** Long enough to begin a transfer; one that is under way goes on. */
const READ_SECONDS = 15 * 60;
const WRITE_SECONDS = 60 * 60;

export interface SignedUrls {
  /** `saveAs`: the file name that a browser takes. */
  get(key: string, options: { readonly type: string; readonly saveAs: string }): Promise<string>;
  put(key: string): Promise<{ readonly url: string; readonly expiresInMs: number }>;
}

/** Of one bucket. Signing is done here: nothing is asked of S3. */
export function createSignedUrls(client: S3Client, Bucket: string): SignedUrls {
  return {
    get: (Key, { type, saveAs }) => {
      const ResponseContentDisposition = `attachment; filename="${saveAs}"`;
      const command = new GetObjectCommand({
        Bucket,
        Key,
        ResponseContentType: type,
        ResponseContentDisposition,
      });
      return getSignedUrl(client, command, { expiresIn: READ_SECONDS });
    },
    async put(Key) {
      const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key }), {
        expiresIn: WRITE_SECONDS,
      });
      return { url, expiresInMs: WRITE_SECONDS * 1000 };
    },
  };
}
