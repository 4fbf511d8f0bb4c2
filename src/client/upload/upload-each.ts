/** Uploads to signed URLs, several at once. Node and browsers send the bytes in their own ways. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { WatchUploads } from "../../door/fanjoin.ts";
import type { ApiClient } from "../api-client.ts";
import type { HttpAnswer } from "../http/http.ts";

/** The content of an upload. */
export interface Sendable {
  /** As the user named it. */
  readonly label: string;
  readonly bytes: number;
}

export interface Upload<File extends Sendable> {
  readonly file: File;
  /** The name of the upload, without the job. */
  readonly name: string;
}

/** The receiver and the watcher of uploads. */
export interface Uploading {
  readonly api: ApiClient;
  readonly job: string;
  readonly uploads: WatchUploads | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface UploadProgress {
  /** Aborted when the user, or another upload that failed, ends the uploads. */
  readonly signal: AbortSignal;
  /** Is told of bytes as they go out, and of a negative number before they are sent again. */
  readonly sent: (bytes: number) => void;
}

/** An object with this name has this content, because the name is new or made from the content. */
export const ONLY_NEW = { "if-none-match": "*" } as const;

const AT_ONCE = 4;

/**
 * `uploadOne` returns the URL of the object. Returns the URLs in the order of the uploads. Throws the abort
 * reason of `signal`, `ENDPOINT_UNUSABLE`.
 */
export async function uploadEach<File extends Sendable>(
  { uploads: watch, signal: given }: Uploading,
  uploads: readonly Upload<File>[],
  uploadOne: (upload: Upload<File>, watch: UploadProgress) => Promise<string>,
): Promise<readonly string[]> {
  const watched = watch?.(uploads.map(({ file }) => file));
  const sent = (bytes: number): void => watched?.sent(bytes);
  const objects: string[] = [];
  // An upload that fails ends the others.
  const failed = new AbortController();
  const signal = given ? AbortSignal.any([given, failed.signal]) : failed.signal;
  const left = uploads.entries();
  async function uploadNext(): Promise<void> {
    for (const [place, upload] of left) {
      signal.throwIfAborted();
      objects[place] = await uploadOne(upload, { signal, sent });
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
  }
}

/** As messages name the receiver of uploads. */
export function serverOf({ base }: ApiClient): string {
  return `the upload server of ${base.url.host}`;
}

const UPLOADED = [200, 201, 204];
const EXISTS_ALREADY = 412;

/** `label` is the file as the user named it. Throws `ENDPOINT_UNUSABLE`. */
export async function checkUploaded({ status, body, discard }: HttpAnswer, label: string): Promise<void> {
  if (UPLOADED.includes(status) || status === EXISTS_ALREADY) {
    discard();
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
  const decoder = new TextDecoder();
  let text = "";
  for await (const block of body) {
    text += decoder.decode(block, { stream: true });
    if (text.length > MAX_REASON_LENGTH) break;
  }
  return /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? "";
}
