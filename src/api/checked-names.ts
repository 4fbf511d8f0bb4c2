/** Checks names that come from outside, before any store is read. */
import { FanjoinError } from "../core/errors/errors.ts";
import { hasControl, isObjectUrl, isPlainKey } from "../core/object-url.ts";
import { shown } from "./request-body.ts";
import type { ApiHost } from "./host.ts";
import { badRequest } from "./problem.ts";

/** A batch id, or a prefix of one. */
const BATCH = /^[0-9A-Za-z]{1,64}$/;
const MAX_ID_CHARACTERS = 128;
/** S3 allows keys of 1,024 bytes, and a folder and the job's name come before the file's. */
const MAX_NAME_BYTES = 512;

/** Throws `BATCH_UNKNOWN`. */
export function batchIn(text: string): string {
  if (BATCH.test(text)) return text.toUpperCase();
  throw unknownBatch(text);
}

export function unknownBatch(text: string): FanjoinError {
  return new FanjoinError(
    "BATCH_UNKNOWN",
    `there is no batch ${shown(text)}: GET /batches lists all batches`,
  );
}

/** Throws `JOB_UNKNOWN`. */
export function jobIn({ jobs }: Pick<ApiHost, "jobs">, text: string): string {
  if (jobs.includes(text)) return text;
  throw new FanjoinError("JOB_UNKNOWN", `there is no job ${shown(text)} here: GET /jobs lists all jobs`);
}

/** Checks an idempotency token. Throws `REQUEST_INVALID`. */
export function checkId(id: string): string {
  const isPlain = id !== "" && id.length <= MAX_ID_CHARACTERS && !hasControl(id) && !/[\\/]/.test(id);
  if (isPlain && id.isWellFormed()) return id;
  throw badRequest(
    `id must have 1 to ${MAX_ID_CHARACTERS} characters without slashes, backslashes and control characters, but is ${shown(id)}`,
  );
}

/** Checks the name of an upload. It may contain folders, but no hidden ones. Throws `REQUEST_INVALID`. */
export function checkFileName(name: string): string {
  if (isPlainKey(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES && !hasHidden(name)) return name;
  throw badRequest(
    `name must be a file name such as sales.csv or 2026/sales.csv, but is ${shown(name)}. It can have at most ${MAX_NAME_BYTES} bytes; no part can be empty or begin with a dot; backslashes and control characters are not allowed`,
  );
}

function hasHidden(name: string): boolean {
  return name.split("/").some((part) => part === "" || part.startsWith("."));
}

/** Checks the `s3:` URL of an object or a prefix. Keys are not percent-decoded. Throws `REQUEST_INVALID`. */
export function checkObjectUrl(url: string, where: string, kind: "object" | "prefix"): string {
  if (isObjectUrl(url, kind)) return url;
  throw badRequest(
    `${where} must be an s3:// URL of ${kind === "object" ? "an object" : "a prefix"}, but is ${shown(url)}`,
  );
}
