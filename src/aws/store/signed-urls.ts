/** Signed URLs: they allow reading or writing one object without credentials, for a limited time. */
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { ObjectAddress } from "./object-name.ts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

/** The time to begin a transfer; a transfer that has begun may take longer. */
const READ_SECONDS = 15 * 60;
const WRITE_SECONDS = 60 * 60;

export interface SignedUrls {
  /** `saveAs` is the file name under which a browser saves the object. */
  get(object: ObjectAddress, options: { readonly type: string; readonly saveAs: string }): Promise<string>;
  put(key: string): Promise<{ readonly url: string; readonly expiresInMs: number }>;
}

/** Signs URLs for one bucket. Signing is local: it sends no request to S3. */
export function createSignedUrls(client: S3Client, Bucket: string): SignedUrls {
  return {
    get: ({ Bucket: from, Key }, { type, saveAs }) => {
      const ResponseContentDisposition = `attachment; filename="${saveAs}"`;
      const command = new GetObjectCommand({
        Bucket: from,
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
