/** The size and the name of an upload. */
import { usage } from "../../core/errors/errors.ts";
import { bytes } from "../../format.ts";
import type { Sendable } from "./upload-each.ts";

/**
 * The largest upload of one PUT: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
 */
const MAX_FILE_BYTES = 5 * 1024 ** 3;

/** Throws `USAGE`. */
export function checkSize<File extends Sendable>(file: File): File {
  if (file.bytes <= MAX_FILE_BYTES) return file;
  throw usage(
    `${file.label} has ${bytes(file.bytes)}, more than the ${bytes(MAX_FILE_BYTES)} of an upload: copy it to S3 with \`aws s3 cp\`, and give its s3:// URL`,
  );
}

// oxlint-disable-next-line no-control-regex -- they are not allowed in the name of an upload
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\\]/g;
/** The API allows 512 bytes, including the folder before the name. */
const MAX_NAME_BYTES = 300;

/** A name that the API accepts, of the parts of a path. */
export function safeName(parts: readonly string[]): string {
  const name = parts.map((part) => part.toWellFormed().replaceAll(UNSAFE, "_").replace(/^\./, "_")).join("/");
  return bytesOf(name) <= MAX_NAME_BYTES ? name : endOf(name);
}

/** The end of a path is kept, because it has the file's own name and its extension. */
function endOf(name: string): string {
  const characters = Array.from(name.replaceAll("/", "_"));
  while (bytesOf(characters.join("")) > MAX_NAME_BYTES) characters.shift();
  return characters.join("").replace(/^\./, "_");
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
