/** Names that come from outside: what cannot be one reaches no store. */
import { FanjoinError } from "../core/errors.ts";
import { shown } from "./request-body.ts";
import type { ApiHost } from "./host.ts";
import { badRequest } from "./problem.ts";

/** As ids are made; the beginning of one, too. */
const BATCH = /^[0-9A-Za-z]{1,64}$/;
// oxlint-disable-next-line no-control-regex -- that is what is looked for
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/;
const MAX_ID_CHARACTERS = 128;
/** S3 allows keys of 1,024 bytes; a job's name and a folder come before it. */
const MAX_NAME_BYTES = 512;

/** Throws `BATCH_UNKNOWN`. */
export function batchIn(text: string): string {
  if (BATCH.test(text)) return text.toUpperCase();
  throw unknownBatch(text);
}

export function unknownBatch(text: string): FanjoinError {
  return new FanjoinError(
    "BATCH_UNKNOWN",
    `there is no batch ${shown(text)}: GET /batches lists those there are`,
  );
}

/** Throws `JOB_UNKNOWN`. */
export function jobIn({ jobs }: Pick<ApiHost, "jobs">, text: string): string {
  if (jobs.includes(text)) return text;
  throw new FanjoinError(
    "JOB_UNKNOWN",
    `there is no job ${shown(text)} here: GET /jobs lists those there are`,
  );
}

/** An idempotency token. */
export function checkId(id: string): string {
  const plain = id !== "" && id.length <= MAX_ID_CHARACTERS && !CONTROL.test(id) && !/[\\/]/.test(id);
  if (plain && id.isWellFormed()) return id;
  throw badRequest(
    `id has to have 1 to ${MAX_ID_CHARACTERS} characters, none of them a slash or a control character, but is ${shown(id)}`,
  );
}

/** The name of a file to be uploaded: it may lie in folders, and in no hidden one. */
export function checkFileName(name: string): string {
  if (isPlainKey(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES && !hasHidden(name)) return name;
  throw badRequest(
    `name has to be a file name such as sales.csv or 2026/sales.csv: at most ${MAX_NAME_BYTES} bytes, no part empty or with a dot first, no backslash, no control character; it is ${shown(name)}`,
  );
}

function hasHidden(name: string): boolean {
  return name.split("/").some((part) => part === "" || part.startsWith("."));
}

function isPlainKey(key: string): boolean {
  return key.isWellFormed() && !CONTROL.test(key) && !key.includes("\\");
}

const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]*)\/(.*)$/s;

/** An `s3:` URL of an object, or of objects below it. Keys are taken as they are, not percent-decoded. */
export function checkObjectUrl(url: string, where: string, whole: "object" | "prefix"): string {
  const [, , key = ""] = S3_URL.exec(url) ?? [];
  const stays = key.split("/").every((part) => part !== "." && part !== "..");
  const named = S3_URL.test(url) && (whole === "prefix" || (key !== "" && !key.endsWith("/")));
  if (named && stays && isPlainKey(key)) return url;
  throw badRequest(
    `${where} has to be an s3:// URL of ${whole === "object" ? "an object" : "a prefix"}, but is ${shown(url)}`,
  );
}
