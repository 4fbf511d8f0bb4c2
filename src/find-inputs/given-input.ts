/** An input as a program names it: a path, a URL, a stream or a `Blob`. */
import { fileURLToPath } from "node:url";
import { usage } from "../core/errors/errors.ts";
import type { InputStream, SubmitOptions } from "../door/fanjoin.ts";

export type GivenInput = string | URL | InputStream;

export function isStream(input: unknown): input is InputStream {
  return typeof input === "object" && input !== null && "bytes" in input && !(input instanceof URL);
}

/** A path, or an `s3://` URL. Throws `USAGE` for another URL. */
export function pathOf(input: string | URL): string {
  if (typeof input === "string") return input.startsWith("file://") ? fileURLToPath(input) : input;
  if (input.protocol === "file:") return fileURLToPath(input);
  if (input.protocol === "s3:") return input.href;
  throw usage(`the input ${input.href} is neither a file: nor an s3: URL`);
}

/** The inputs to find; none where the items themselves are given, or nothing is. A `Blob` is a stream. */
export function givenInputs(input: SubmitOptions["input"]): readonly GivenInput[] {
  if (input === undefined || "items" in input) return [];
  return input.map((given) => (given instanceof Blob ? streamOf(given) : given));
}

function streamOf(blob: Blob): InputStream {
  return { name: blob instanceof File ? blob.name : "blob", bytes: blob.stream() };
}
