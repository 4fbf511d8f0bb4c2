/** Maps the names of objects to buckets and keys. */
import { randomBytes } from "node:crypto";
import { FanjoinError } from "../../core/errors/errors.ts";
import { INPUT_FOLDERS } from "../../core/stack/resource-names.ts";

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
 * `INPUT_FORBIDDEN` for an input in another bucket than these, and for one in `bucket` that is not in a
 * folder of inputs. No request is ever sent for them.
 */
export function locator(bucket: string, readable: readonly string[]): LocateObject {
  return (name) => {
    if (!name.startsWith("s3:")) return { Bucket: bucket, Key: ownKey(name) };
    const address = parseUrl(name, OBJECT_URL);
    checkInput(name, address, bucket, readable);
    return address;
  };
}

/**
 * The same for prefixes: the bucket and the beginning of the keys. The prefix names a whole folder of inputs,
 * or something below one.
 */
export function prefixLocator(bucket: string, readable: readonly string[]): LocateObject {
  return (url) => {
    const address = parseUrl(url, PREFIX_URL);
    checkInput(url, address, bucket, readable);
    return address;
  };
}

const OBJECT_URL = /^s3:\/\/([^/]+)\/(.+)$/s;
const PREFIX_URL = /^s3:\/\/([^/]+)\/(.*)$/s;

function checkInput(
  name: string,
  { Bucket, Key }: ObjectAddress,
  bucket: string,
  readable: readonly string[],
): void {
  if (Bucket === bucket ? isInputKey(Key) : readable.includes(Bucket)) return;
  throw new FanjoinError("INPUT_FORBIDDEN", Bucket === bucket ? ownObject(name, bucket) : foreign(name));
}

/** A part `..` is refused: whatever resolves it on the way to S3 would leave the folder. */
function isInputKey(key: string): boolean {
  const [folder = "", ...rest] = key.split("/");
  const isBelow = rest.length > 0 && INPUT_FOLDERS.some((one) => one === folder);
  return isBelow && rest.every((part) => part !== "." && part !== "..");
}

function foreign(name: string): string {
  return `${name} is in a bucket that this stack may not read. Upload the object, or name the bucket in \`readableBuckets\` when you deploy.`;
}

function ownObject(name: string, bucket: string): string {
  return `${name} is not in a folder of inputs: in the stack's own bucket only uploads/ and inputs/ hold inputs, and the rest is fanjoin's own. Copy what you need to s3://${bucket}/inputs/, and name the copy.`;
}

/** The name of a user's object. The key is not URL-encoded. */
export function s3Name(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

function parseUrl(name: string, form: RegExp): ObjectAddress {
  const [, Bucket, Key] = form.exec(name) ?? [];
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
