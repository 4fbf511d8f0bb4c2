/** Uploads files to signed URLs: streamed, several at once, with retries when a connection breaks. */
import { Readable } from "node:stream";
import { FanjoinError } from "../../core/errors/errors.ts";
import { identityOf } from "../../input/sources/source-version.ts";
import { blocksOfFile, versionOf } from "../../find-inputs/file-version.ts";
import type { ApiClient } from "../api-client.ts";
import type { LocalFile } from "./resolve-inputs.ts";
import { httpClient } from "../node/http-client.ts";
import { SLOWEST } from "../http/http.ts";
import type { HttpClient, HttpLimits, OutgoingRequest } from "../http/http.ts";
import { checkUploaded, ONLY_NEW, serverOf, uploadEach } from "./upload-each.ts";
import type { Upload, Uploading, UploadProgress } from "./upload-each.ts";

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

/** For a larger file, first ask whether the object exists already (`expect: 100-continue`). */
const ASK_FIRST_BYTES = 1024 * 1024;

/** As `uploadEach`. Throws `INPUT_CHANGED`, too. */
export async function uploadAll(
  to: Uploading,
  uploads: readonly Upload<LocalFile>[],
): Promise<readonly string[]> {
  const http = httpClient(UPLOAD_LIMITS, to.api.base.insecure);
  try {
    return await uploadEach(to, uploads, (upload, watch) => uploadOne(http, to, upload, watch));
  } finally {
    http.close();
  }
}

async function uploadOne(
  http: HttpClient,
  { api, job }: Uploading,
  { file, name }: Upload<LocalFile>,
  { signal, sent }: UploadProgress,
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
  const request = async (): Promise<OutgoingRequest> => {
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
      to: serverOf(api),
      request,
      repeatable: true,
      signal: AbortSignal.any([signal, broken.signal]),
    });
    await checkUploaded(answer, file.label);
    count(file.bytes - done);
    return object;
  } finally {
    clearTimeout(waiting);
    (content as Readable | null)?.destroy();
  }
}

function silent(api: ApiClient): FanjoinError {
  return new FanjoinError(
    "ENDPOINT_UNUSABLE",
    `${serverOf(api)} has all of a file, but does not answer: try again`,
  );
}

function putRequest(url: URL, { bytes }: LocalFile, content: Readable): OutgoingRequest {
  const headers = {
    ...ONLY_NEW,
    "content-length": String(bytes),
    ...(bytes > ASK_FIRST_BYTES ? { expect: "100-continue" } : {}),
  };
  return { method: "PUT", url, headers, ...(bytes > 0 ? { body: content } : {}) };
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
