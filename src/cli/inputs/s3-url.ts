/** `s3://bucket/key` as a user writes it. */
import { usage } from "../error-text.ts";

export interface S3Url {
  /** With a slash after the bucket at least: what ends in a slash stands for all objects below it. */
  readonly url: string;
  readonly bucket: string;
  readonly key: string;
}

/** Throws `USAGE`. */
export function objectIn(input: string): S3Url {
  const [, bucket, key = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(input) ?? [];
  if (bucket === undefined) throw usage(`${input} names no bucket: s3://bucket/key, or s3://bucket/prefix/`);
  return { url: `s3://${bucket}/${key}`, bucket, key };
}
