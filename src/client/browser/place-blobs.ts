/** Uploads the input of a batch from a browser. */
import { FanjoinError, usage } from "../../core/errors/errors.ts";
import type { InputStream, SubmitOptions } from "../../door/fanjoin.ts";
import { parseS3Url } from "../../find-inputs/s3-url.ts";
import { SLOWEST } from "../http/http.ts";
import type { HttpLimits, OutgoingRequest } from "../http/http.ts";
import { checkPrefixes, placed } from "../upload/placed-input.ts";
import type { ApiInput, Files, RemoteInput, Sending } from "../upload/placed-input.ts";
import { checkUploaded, ONLY_NEW, serverOf, uploadEach } from "../upload/upload-each.ts";
import type { Sendable, Upload, UploadProgress } from "../upload/upload-each.ts";
import { checkSize, safeName } from "../upload/upload-limits.ts";
import { digestOf, digestOfText } from "./digest.ts";
import { fetchClient } from "./fetch-client.ts";

type Inputs = Exclude<SubmitOptions["input"], { readonly items: unknown } | undefined>;

interface BlobFile extends Sendable {
  readonly blob: Blob;
}

/** Files to send, and `s3://` URLs. Throws `USAGE`, for paths too. */
export async function blobsToSend(inputs: Inputs): Promise<RemoteInput<BlobFile>[]> {
  const found = inputs.map((input) => (isUrl(input) ? s3Url(input) : input));
  checkPrefixes(found);
  return Promise.all(
    found.map(async (input) => (typeof input === "string" ? { url: input } : { file: await fileOf(input) })),
  );
}

function isUrl(input: Inputs[number]): input is string | URL {
  return typeof input === "string" || input instanceof URL;
}

function s3Url(input: string | URL): string {
  const text = String(input);
  if (text.startsWith("s3://")) return parseS3Url(text).url;
  throw usage(
    `a browser cannot read ${text}: give a File or a Blob, such as one of an <input type="file">, or an s3:// URL`,
  );
}

async function fileOf(input: InputStream | Blob): Promise<BlobFile> {
  if (input instanceof Blob) {
    // Without its type, which would be stored with the object.
    return checkSize({ label: labelOf(input), bytes: input.size, blob: input.slice() });
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  // Blocks of a stream may be views of one buffer.
  for await (const block of input.bytes) parts.push(block.slice());
  const blob = new Blob(parts);
  return checkSize({ label: input.name, bytes: blob.size, blob });
}

function labelOf(blob: Blob): string {
  if (!(blob instanceof File)) return "blob";
  // A file of a chosen directory has its path within that.
  const { webkitRelativePath: path } = blob as { readonly webkitRelativePath?: string };
  return path === undefined || path === "" ? blob.name : path;
}

/** Returns the input in the form that the API expects. This does not start a batch. */
export function placeBlobs(sending: Sending, inputs: readonly RemoteInput<BlobFile>[]): Promise<ApiInput> {
  return placed(sending, inputs, FILES);
}

const FILES: Files<BlobFile> = {
  nameOf(label) {
    const parts = label.split("/").filter((part) => part !== "" && part !== ".");
    return safeName(parts.length === 0 || parts.includes("..") ? [parts.at(-1) ?? "blob"] : parts);
  },
  digest: ({ blob }, signal) => digestOf(blob, signal),
  digestOfText,
  async written(label, text) {
    const blob = new Blob([text]);
    return { label, bytes: blob.size, blob };
  },
  upload: (to, uploads) => uploadEach(to, uploads, (upload, watch) => uploadOne(to, upload, watch)),
};

/** Until the answer to an upload of nothing. */
const ANSWER_MS = 120_000;

/** `fetch` does not say how far an upload is, so its time is that of the slowest connection. */
function limitsFor(bytes: number): HttpLimits {
  return {
    connectMs: 10_000,
    answerMs: ANSWER_MS + (bytes / SLOWEST.bytes) * SLOWEST.windowMs,
    idleMs: 60_000,
    slowest: SLOWEST,
    attempts: 5,
    backoff: { baseMs: 500, maxMs: 8000 },
  };
}

async function uploadOne(
  { api, job }: Sending,
  { file, name }: Upload<BlobFile>,
  { signal, sent }: UploadProgress,
): Promise<string> {
  let object = "";
  const request = async (): Promise<OutgoingRequest> => {
    const signed = await api.upload(job, name);
    ({ object } = signed);
    return { method: "PUT", url: signed.url, headers: ONLY_NEW, body: file.blob };
  };
  await checkReadable(file);
  const http = fetchClient(limitsFor(file.bytes), api.base.insecure);
  await checkUploaded(await http.send({ to: serverOf(api), request, repeatable: true, signal }), file.label);
  sent(file.bytes);
  return object;
}

/** A browser refuses to read a file that changed on disk. Throws `INPUT_CHANGED`. */
async function checkReadable({ blob, label }: BlobFile): Promise<void> {
  try {
    await blob.slice(0, 1).arrayBuffer();
  } catch (error) {
    throw new FanjoinError("INPUT_CHANGED", `${label} cannot be read any more: choose the file again`, {
      cause: error,
    });
  }
}
