/** Uploads files to signed URLs: streamed, several at once, with retries when a connection breaks. */
import { Readable } from "node:stream";
import type { HttpRequest } from "@smithy/protocol-http";
import { FanjoinError } from "../../core/errors.ts";
import type { WatchUploads } from "../../door/fanjoin.ts";
import { identityOf } from "../../input/source-version.ts";
import { blocksOfFile, versionOf } from "../../find-inputs/file-version.ts";
import { toUrl } from "../api-client.ts";
import type { ApiClient } from "../api-client.ts";
import type { LocalFile } from "./resolve-inputs.ts";
import { httpClient, SLOWEST } from "../node/http-client.ts";
import type { HttpAnswer, HttpClient } from "../http.ts";
import type { HttpLimits } from "../node/http-client.ts";

export interface Upload {
  readonly file: LocalFile;
  /** The name of the upload, without the job. */
  readonly name: string;
}

interface To {
  readonly api: ApiClient;
  readonly job: string;
  readonly uploads: WatchUploads | undefined;
  readonly signal: AbortSignal | undefined;
}

const UPLOAD_LIMITS: HttpLimits = {
  connectMs: 10_000,
  answerMs: 0,
  idleMs: 60_000,
  slowest: SLOWEST,
  attempts: 5,
  backoff: { baseMs: 500, maxMs: 8000 },
};

/** For the answer, once the whole file was sent. */
const ANSWER_MS = 120_000;

const AT_ONCE = 4;
/** For a larger file, first ask whether the object exists already (`expect: 100-continue`). */
const ASK_FIRST_BYTES = 1024 * 1024;

/**
 * Returns the URLs of the objects, in the order of the uploads. Throws the abort reason of `signal`,
 * `INPUT_CHANGED`, `ENDPOINT_UNUSABLE`.
 */
export async function uploadAll(to: To, uploads: readonly Upload[]): Promise<readonly string[]> {
  const http = httpClient(UPLOAD_LIMITS, to.api.base.insecure);
  const watched = to.uploads?.(uploads.map(({ file }) => file));
  const objects: string[] = [];
  // An upload that fails ends the others.
  const failed = new AbortController();
  const signal = to.signal ? AbortSignal.any([to.signal, failed.signal]) : failed.signal;
  const left = uploads.entries();
  async function uploadNext(): Promise<void> {
    for (const [place, upload] of left) {
      signal.throwIfAborted();
      objects[place] = await uploadOne(http, { ...to, signal }, upload, (bytes) => watched?.sent(bytes));
    }
  }
  try {
    await Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        uploadNext().catch((error: unknown) => {
          failed.abort(error);
          throw error;
        }),
      ),
    );
    watched?.end(true);
    return objects;
  } finally {
    watched?.end(false);
    http.close();
  }
}

/** Calls `sent` with the bytes as they go out, and with a negative number before they are sent again. */
async function uploadOne(
  http: HttpClient,
  { api, job, signal }: To & { readonly signal: AbortSignal },
  { file, name }: Upload,
  sent: (bytes: number) => void,
): Promise<string> {
  let object = "";
  let done = 0;
  let content: Readable | null = null;
  let waiting: NodeJS.Timeout | undefined;
  const broken = new AbortController();
  const count = (bytes: number): void => {
    done += bytes;
    sent(bytes);
  };
  const request = async (): Promise<HttpRequest> => {
    content?.destroy();
    clearTimeout(waiting);
    count(-done);
    const signed = await api.upload(job, name);
    ({ object } = signed);
    content = Readable.from(contentOf(file, count), { objectMode: false });
    content.once("error", (error) => broken.abort(error));
    content.once("end", () => {
      // The end may be reported after the answer: then nobody waits any more.
      waiting = setTimeout(() => broken.abort(silent(api)), ANSWER_MS).unref();
    });
    return putRequest(signed.url, file, content);
  };
  try {
    const answer = await http.send({
      to: `the upload server of ${api.base.url.host}`,
      request,
      repeatable: true,
      signal: AbortSignal.any([signal, broken.signal]),
    });
    await checkUploaded(answer, file);
    count(file.bytes - done);
    return object;
  } finally {
    clearTimeout(waiting);
    (content as Readable | null)?.destroy();
  }
}

function silent({ base }: ApiClient): FanjoinError {
  return new FanjoinError(
    "ENDPOINT_UNUSABLE",
    `the upload server of ${base.url.host} has all of a file, but does not answer: try again`,
  );
}

function putRequest(url: URL, { bytes }: LocalFile, content: Readable): HttpRequest {
  const request = toUrl(url, "PUT");
  // An object with this name has this content, because the name is new or made from the content.
  request.headers["if-none-match"] = "*";
  request.headers["content-length"] = String(bytes);
  if (bytes > ASK_FIRST_BYTES) request.headers["expect"] = "100-continue";
  if (bytes > 0) request.body = content;
  return request;
}

/** The bytes of the file. Throws `INPUT_CHANGED` before the last of them if the file has changed. */
async function* contentOf(file: LocalFile, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const { path, bytes, version } = file;
  const known = version === null ? null : identityOf(version);
  let done = 0;
  for await (const block of blocksOfFile(path, { end: bytes - 1 })) {
    done += block.length;
    if (done === bytes && versionOf(path) !== known) throw changed(file);
    count(block.length);
    yield block;
  }
  if (done < bytes) throw changed(file);
}

function changed({ label }: LocalFile): FanjoinError {
  return new FanjoinError("INPUT_CHANGED", `${label} changed during the upload: submit it again`);
}

const UPLOADED = [200, 201, 204];
const EXISTS_ALREADY = 412;

async function checkUploaded(answer: HttpAnswer, { label }: LocalFile): Promise<void> {
  const { status, body } = answer;
  if (UPLOADED.includes(status) || status === EXISTS_ALREADY) {
    answer.discard();
    return;
  }
  const reason = await reasonIn(body);
  throw new FanjoinError(
    "ENDPOINT_UNUSABLE",
    `${label} could not be uploaded: the signed URL answers ${status}${reason === "" ? "" : `, ${reason}`}`,
  );
}

const MAX_REASON_LENGTH = 2000;

/** The message in S3's XML error. */
async function reasonIn(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const block of body) {
    text += Buffer.from(block).toString("utf8");
    if (text.length > MAX_REASON_LENGTH) break;
  }
  return /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? "";
}
