/** `s3://bucket/key` as a user writes it. */
import { usage } from "../core/errors/errors.ts";

export interface S3Url {
  /** Has at least one slash after the bucket. A URL that ends in a slash means all objects below it. */
  readonly url: string;
  readonly bucket: string;
  readonly key: string;
}

/** Throws `USAGE`. */
export function parseS3Url(text: string): S3Url {
  const [, bucket, key = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(text) ?? [];
  if (bucket === undefined)
    throw usage(`${text} has no bucket: write s3://bucket/key, or s3://bucket/prefix/`);
  return { url: `s3://${bucket}/${key}`, bucket, key };
}
