/** Uploads files by signed URLs: streamed, several at once, tried again when a connection breaks. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { HttpRequest } from "@smithy/protocol-http";
import { FanjoinError } from "../../../core/errors.ts";
import { uploadDisplay } from "../../display/upload-display.ts";
import { toUrl } from "../api-client.ts";
import type { ApiClient } from "../api-client.ts";
import type { LocalFile } from "./resolve-inputs.ts";
import { httpClient } from "../http-client.ts";
import type { HttpClient, HttpAnswer, HttpLimits } from "../http-client.ts";

export interface Upload {
  readonly file: LocalFile;
  /** What it is called there. */
  readonly name: string;
}

interface To {
  readonly api: ApiClient;
  readonly job: string;
  readonly quiet: boolean;
  readonly signal: AbortSignal;
}

const UPLOAD_LIMITS: HttpLimits = {
  connectMs: 10_000,
  answerMs: 0,
  idleMs: 60_000,
  attempts: 5,
  backoff: { baseMs: 500, maxMs: 8000 },
};

const AT_ONCE = 4;
/** A larger file is sent only once it is wanted: it may be there already. */
const ASK_FIRST_BYTES = 1024 * 1024;

/**
 * The names of the objects, in the order of the uploads. Throws what `signal` is aborted with,
 * `INPUT_CHANGED`, `ENDPOINT_UNUSABLE`.
 */
export async function uploadAll(to: To, uploads: readonly Upload[]): Promise<readonly string[]> {
  const http = httpClient(UPLOAD_LIMITS);
  const display = uploadDisplay(
    uploads.map(({ file }) => file),
    to.quiet,
  );
  const objects: string[] = [];
  // One that fails ends the others.
  const failed = new AbortController();
  const signal = AbortSignal.any([to.signal, failed.signal]);
  const left = uploads.entries();
  async function uploadNext(): Promise<void> {
    for (const [place, upload] of left) {
      signal.throwIfAborted();
      objects[place] = await uploadOne(http, { ...to, signal }, upload, (bytes) => display.sent(bytes));
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
    display.end(true);
    return objects;
  } finally {
    display.end(false);
    http.close();
  }
}

/** `sent` is told of bytes as they go, and takes them back when they have to go again. */
async function uploadOne(
  http: HttpClient,
  { api, job, signal }: To,
  { file, name }: Upload,
  sent: (bytes: number) => void,
): Promise<string> {
  let object = "";
  let done = 0;
  let content: Readable | null = null;
  const broken = new AbortController();
  const count = (bytes: number): void => {
    done += bytes;
    sent(bytes);
  };
  const request = async (): Promise<HttpRequest> => {
    content?.destroy();
    count(-done);
    const signed = await api.upload(job, name);
    ({ object } = signed);
    content = Readable.from(contentOf(file, count), { objectMode: false });
    content.once("error", (error) => broken.abort(error));
    return putRequest(signed.url, file, content);
  };
  try {
    const answer = await http.send({
      to: `the place for uploads of ${api.base.url.host}`,
      request,
      repeatable: true,
      signal: AbortSignal.any([signal, broken.signal]),
    });
    await checkTaken(answer, file);
    count(file.bytes - done);
    return object;
  } finally {
    (content as Readable | null)?.destroy();
  }
}

function putRequest(url: URL, { bytes }: LocalFile, content: Readable): HttpRequest {
  const request = toUrl(url, "PUT");
  // An object that is there already is this one: names are made of the content, or new.
  request.headers["if-none-match"] = "*";
  request.headers["content-length"] = String(bytes);
  if (bytes > ASK_FIRST_BYTES) request.headers["expect"] = "100-continue";
  if (bytes > 0) request.body = content;
  return request;
}

/** Exactly as many bytes as were promised. Throws `INPUT_CHANGED`. */
async function* contentOf(
  { path, bytes, label }: LocalFile,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const block of createReadStream(path, { end: bytes - 1 }) as AsyncIterable<Uint8Array>) {
    done += block.length;
    count(block.length);
    yield block;
  }
  if (done < bytes)
    throw new FanjoinError("INPUT_CHANGED", `${label} became shorter while it was uploaded: submit it again`);
}

const TAKEN = [200, 201, 204];
const THERE_ALREADY = 412;

async function checkTaken(answer: HttpAnswer, { label }: LocalFile): Promise<void> {
  const { status, body } = answer;
  if (TAKEN.includes(status) || status === THERE_ALREADY) {
    body.destroy();
    return;
  }
  const said = await beginningOf(body);
  throw new FanjoinError(
    "ENDPOINT_UNUSABLE",
    `${label} could not be uploaded: the signed URL answers ${status}${said === "" ? "" : `, ${said}`}`,
  );
}

const MAX_SAID = 2000;

/** What S3 says stands in XML. */
async function beginningOf(body: Readable): Promise<string> {
  let text = "";
  for await (const block of body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(block).toString("utf8");
    if (text.length > MAX_SAID) break;
  }
  return /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? "";
}
