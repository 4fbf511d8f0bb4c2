/**
 * Uploads the input of a batch, and returns it in the form that the API expects. This does not start a batch.
 */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";
import type { InputStream, WatchUploads } from "../../door/fanjoin.ts";
import type { Source } from "../../input/reader.ts";
import { blocksOfFile, versionOf } from "../../find-inputs/file-version.ts";
import { notFanjoin } from "../answer.ts";
import type { ApiClient } from "../api-client.ts";
import { fileOf, nameToSend } from "./resolve-inputs.ts";
import type { LocalFile, RemoteInput } from "./resolve-inputs.ts";
import { uploadAll } from "./upload-files.ts";
import type { Upload } from "./upload-files.ts";

export type ApiInput =
  | { readonly object: string }
  | { readonly prefix: string }
  | { readonly manifest: string };

export interface Sending {
  readonly api: ApiClient;
  readonly job: string;
  /** The user's idempotency token. With one, equal files get equal names, so that they are the same input. */
  readonly id: string | undefined;
  readonly uploads: WatchUploads | undefined;
  readonly signal: AbortSignal | undefined;
}

export async function placeInput(
  sending: Sending,
  sources: readonly (Source | InputStream | string)[],
): Promise<ApiInput> {
  const directory = await mkdtemp(join(tmpdir(), "fanjoin-submit-"));
  try {
    const inputs: RemoteInput[] = [];
    for (const source of sources) {
      if (typeof source === "string") inputs.push({ url: source });
      else inputs.push({ file: await fileOf(source, directory) });
      sending.signal?.throwIfAborted();
    }
    return await placed(sending, inputs, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function placed(
  sending: Sending,
  inputs: readonly RemoteInput[],
  directory: string,
): Promise<ApiInput> {
  const files = inputs.flatMap((input) => ("file" in input ? [input.file] : []));
  const [only] = inputs;
  if (inputs.length === 1 && only && "url" in only)
    return only.url.endsWith("/") ? { prefix: only.url } : { object: only.url };
  const sent = await sendFiles(sending, files);
  if (files.length < inputs.length) {
    const urls = sent.objects.values();
    const listed = inputs.map((input) => ("url" in input ? input.url : (urls.next().value ?? "")));
    return { manifest: await sendManifest(sending, listed, directory) };
  }
  const [object = ""] = sent.objects;
  return files.length === 1 ? { object } : { prefix: sent.prefix };
}

interface Sent {
  /** In the order of the files. */
  readonly objects: readonly string[];
  /** All of them have this prefix, and no other objects have it. */
  readonly prefix: string;
}

async function sendFiles(sending: Sending, files: readonly LocalFile[]): Promise<Sent> {
  const digits = String(files.length).length;
  const names = files.map(({ label }, place) =>
    files.length === 1 ? nameToSend(label) : `${numbered(place + 1, digits)}-${nameToSend(label)}`,
  );
  const folder = sending.id === undefined ? ulid() : await fingerprint(files, names, sending.signal);
  const uploads = files.map((file, place): Upload => ({ file, name: `${folder}/${names[place]}` }));
  const objects = await uploadAll(sending, uploads);
  const prefix = `${objects[0]?.slice(0, -(names[0] ?? "").length)}`;
  const misplaced = objects.some((object, place) => object !== `${prefix}${names[place]}`);
  if (misplaced) throw notFanjoin(sending.api.base, "it changes the names of uploads");
  return { objects, prefix };
}

/** Keeps objects in the order given, because they are listed by name. */
function numbered(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}

async function sendManifest(sending: Sending, urls: readonly string[], directory: string): Promise<string> {
  const path = join(directory, "manifest.jsonl");
  const text = urls.map((url) => `${JSON.stringify(url)}\n`).join("");
  await writeFile(path, text);
  const { objects } = await sendFiles({ ...sending, uploads: undefined }, [
    { path, bytes: Buffer.byteLength(text), label: "manifest.jsonl", version: versionOf(path) },
  ]);
  return objects[0] ?? "";
}

/**
 * Equal only for files with equal names and content. So an uploaded object is never overwritten by another
 * content.
 */
async function fingerprint(
  files: readonly LocalFile[],
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const whole = createHash("sha256");
  for (const [place, { path }] of files.entries()) {
    const hash = createHash("sha256");
    for await (const block of blocksOfFile(path, signal ? { signal } : {})) hash.update(block);
    whole.update(JSON.stringify([names[place], hash.digest("hex")]));
  }
  return whole.digest("hex").slice(0, 32);
}
