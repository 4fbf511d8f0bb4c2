/** Answers requests to signed URLs: reads files of batches, and writes objects of the bucket. */
import { randomUUID } from "node:crypto";
import { constants, createWriteStream, lstatSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pipeline } from "node:stream/promises";
import { RequestError } from "../../api/problem.ts";
import { makeDirectory } from "../../local/directory/files/make-directory.ts";
import { NEVER_WAIT, refuseLink } from "../../local/directory/files/own-files.ts";
import { failedForCallers, isFailedList } from "../failed-for-callers.ts";
import type { LocalBucket } from "../local-bucket.ts";
import type { Permit } from "./access.ts";

export interface TransferOptions {
  readonly directory: string;
  readonly bucket: LocalBucket;
  /** Called when an object is complete. */
  readonly onObject: (key: string) => Promise<void>;
  readonly forCallers: (message: string) => string;
}

type Transfer = (permit: Permit, request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Throws a `RequestError` if the file system refuses the file, and `INPUT_FORBIDDEN` for a link. */
export function signedTransfer(options: TransferOptions): Transfer {
  const { bucket, onObject } = options;
  return async (permit, request, response) => {
    if (permit.method === "GET") return read(options, permit, request, response);
    const path = bucket.pathOf(permit.name);
    if (request.headers["if-none-match"] === "*" && isThere(path)) return refuse(request, response);
    await write(path, bucket.urlOf(permit.name), request);
    await onObject(permit.name);
    response.writeHead(200, { "content-length": 0 }).end();
  };
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // There cannot be such a name: writing the file says why.
    return false;
  }
}

/**
 * As on S3, an existing object stays as it is. The request is read to its end first, because a client may
 * look for an answer only then.
 */
async function refuse(request: IncomingMessage, response: ServerResponse): Promise<void> {
  for await (const _ of request);
  response.writeHead(412, { "content-length": 0 }).end();
}

async function read(
  { directory, forCallers }: TransferOptions,
  { name, type, saveAs }: Permit,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // An input of a batch has a URL.
  await using file = await opened(name.startsWith("file:") ? fileURLToPath(name) : join(directory, name));
  // What the rewritten lines have in bytes is known only at their end.
  const isRewritten = isFailedList(name);
  const { size } = await file.stat();
  const part = isRewritten ? null : rangeIn(request, size);
  response.writeHead(part === null ? 200 : 206, {
    "content-type": type,
    ...(isRewritten ? {} : { "content-length": part === null ? size : part.end - part.start + 1 }),
    ...(part === null ? {} : { "content-range": `bytes ${part.start}-${part.end}/${size}` }),
    "content-disposition": `attachment; filename="${saveAs}"`,
    "x-content-type-options": "nosniff",
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const content: AsyncIterable<Uint8Array> = file.createReadStream({ autoClose: false, ...part });
  await pipeline(isRewritten ? failedForCallers(content, forCallers) : content, response);
}

/** The one form that `pull` sends. As HTTP allows, another one is not looked at. `end` is inclusive. */
function rangeIn(
  { headers }: IncomingMessage,
  size: number,
): { readonly start: number; readonly end: number } | null {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(headers.range ?? "") ?? [];
  const [start, end] = [Number(first), Math.min(Number(last), size - 1)];
  return first !== undefined && start <= end ? { start, end } : null;
}

async function opened(path: string): Promise<FileHandle> {
  refuseLink(path);
  try {
    const file = await open(path, constants.O_RDONLY | NEVER_WAIT);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  throw new RequestError(404, "RESULT_UNKNOWN", "the file of this URL was removed from the state directory");
}

/** The file has a hidden name until it is complete, so that a part of it is not taken for the object. */
async function write(path: string, url: string, request: IncomingMessage): Promise<void> {
  const part = join(dirname(path), `.${randomUUID()}.part`);
  try {
    makeDirectory(dirname(path));
    await pipeline(request, createWriteStream(part, { flags: "wx" }));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw refusal(url, error);
  }
}

/** What the file system refuses is an error of the request, unless the file system itself is at fault. */
function refusal(url: string, error: unknown): unknown {
  const code = codeOf(error);
  const name = NAMES.get(code);
  if (name !== undefined) {
    return new RequestError(400, "REQUEST_INVALID", `${url} cannot be stored: ${name}. Give another name`);
  }
  if (FORBIDDEN.has(code)) {
    return new RequestError(
      403,
      "REQUEST_FORBIDDEN",
      `${url} cannot be stored: fanjoin dev may not write there (${code})`,
    );
  }
  if (!FULL.has(code)) return error;
  return new RequestError(
    507,
    "DIRECTORY_UNUSABLE",
    `${url} cannot be stored: the disk has no room for it (${code})`,
  );
}

/** https://man7.org/linux/man-pages/man3/errno.3.html */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["EEXIST", "a part of its path is a file"],
  ["EILSEQ", "the file system does not allow this name"],
  ["EINVAL", "the file system does not allow this name"],
  ["EISDIR", "there is a folder of this name"],
  ["ELOOP", "a part of its path is a link"],
  ["ENAMETOOLONG", "the name is too long for the file system"],
  ["ENOTDIR", "a part of its path is a file"],
  ["ENOTEMPTY", "there is a folder of this name"],
  ["ERR_INVALID_ARG_VALUE", "the file system does not allow this name"],
]);
const FORBIDDEN: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);
const FULL: ReadonlySet<string> = new Set(["EDQUOT", "EFBIG", "ENOSPC"]);

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
