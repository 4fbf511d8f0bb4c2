/** Maps the names of objects to buckets and keys. */
import { randomBytes } from "node:crypto";
import { FanjoinError } from "../../core/errors.ts";

/** An object's bucket and key, in the SDK's spelling. */
export interface ObjectAddress {
  readonly Bucket: string;
  readonly Key: string;
}

/** The folder of all objects that `create` writes; the bucket's lifecycle expires it as a whole. */
export const ATTEMPTS = "attempts";

export type LocateObject = (name: string) => ObjectAddress;

/**
 * `s3://bucket/key` is a user's input. A relative name is one of fanjoin's own objects, in `bucket`. Throws
 * `INPUT_FORBIDDEN` for any other bucket, so no request ever goes there.
 */
export function locator(bucket: string, readable: readonly string[]): LocateObject {
  const allowed = new Set([bucket, ...readable]);
  return (name) => {
    const address = name.startsWith("s3:") ? parseUrl(name) : { Bucket: bucket, Key: ownKey(name) };
    if (allowed.has(address.Bucket)) return address;
    throw new FanjoinError(
      "INPUT_FORBIDDEN",
      `${name} is in a bucket that this stack may not read. Upload the object, or name the bucket in \`readableBuckets\` when you deploy.`,
    );
  };
}

/** The name of a user's object. The key is not URL-encoded. */
export function s3Name(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

function parseUrl(name: string): ObjectAddress {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(name) ?? [];
  if (Bucket !== undefined && Key !== undefined) return { Bucket, Key };
  throw new FanjoinError(
    "INPUT_INVALID",
    `${JSON.stringify(name)} is not the name of an object: write s3://bucket/key.`,
  );
}

function ownKey(name: string): string {
  if (name.startsWith("file:")) {
    throw new FanjoinError("INPUT_INVALID", `${name} is a local file, which AWS cannot read: upload it.`);
  }
  const parts = name.split("/");
  const plain = parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (plain && !/[\\:\0]/.test(name)) return name;
  throw new FanjoinError(
    "INPUT_INVALID",
    `${JSON.stringify(name)} is neither s3://bucket/key nor a plain relative name.`,
  );
}

/**
 * A random name of 16 letters, digits, `-` and `_`. Random beginnings let S3 spread the objects over its
 * partitions.
 */
export function newObjectName(): string {
  return randomBytes(12).toString("base64url");
}
