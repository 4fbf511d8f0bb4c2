/** Where an object is, by its name. */
import { randomBytes } from "node:crypto";
import { FanjoinError } from "../../core/errors.ts";

export interface ObjectAddress {
  readonly Bucket: string;
  readonly Key: string;
}

/** Everything that `create` makes is below this: it expires as a whole. */
export const ATTEMPTS = "attempts";

export type LocateObject = (name: string) => ObjectAddress;

/**
 * `s3://bucket/key` is a user's input; a relative name is an object of fanjoin's own, in `bucket`. No other
 * bucket than these is ever asked for anything.
 */
export function locator(bucket: string, readable: readonly string[]): LocateObject {
  const allowed = new Set([bucket, ...readable]);
  return (name) => {
    const place = name.startsWith("s3:") ? parseUrl(name) : { Bucket: bucket, Key: ownKey(name) };
    if (allowed.has(place.Bucket)) return place;
    throw new FanjoinError(
      "INPUT_FORBIDDEN",
      `${name} is in a bucket that this stack neither owns nor was allowed to read. Upload the object, or name the bucket in \`readableBuckets\` when you deploy.`,
    );
  };
}

/** The name that a user's object has. Keys are taken as they are, not URL-encoded. */
export function s3Name(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

function parseUrl(name: string): ObjectAddress {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(name) ?? [];
  if (Bucket !== undefined && Key !== undefined) return { Bucket, Key };
  throw new FanjoinError(
    "INPUT_INVALID",
    `${JSON.stringify(name)} is not the name of an object: that is s3://bucket/key.`,
  );
}

function ownKey(name: string): string {
  if (name.startsWith("file:")) {
    throw new FanjoinError(
      "INPUT_INVALID",
      `${name} is a file of some machine, which AWS cannot read: upload it.`,
    );
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
 * Sixteen letters and digits that nobody else comes to; no two begin alike, so that S3 can spread them over
 * its partitions.
 */
export function newObjectName(): string {
  return randomBytes(12).toString("base64url");
}
