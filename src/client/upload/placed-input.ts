/** Brings files to where a stack can read them, and names them in the form that the API expects. */
import { ulid } from "ulid";
import { usage } from "../../core/errors/errors.ts";
import { notFanjoin } from "../http/answer.ts";
import type { ApiClient } from "../api-client.ts";
import type { Sendable, Upload, Uploading } from "./upload-each.ts";

export type ApiInput =
  | { readonly object: string }
  | { readonly prefix: string }
  | { readonly manifest: string };

/** A `url` is one object, or all objects below it if it ends in a slash. */
export type RemoteInput<File extends Sendable> = { readonly file: File } | { readonly url: string };

export interface Sending extends Uploading {
  /** The user's idempotency token. With one, equal files get equal names, so that they are the same input. */
  readonly id: string | undefined;
}

/** How a platform handles files. */
export interface Files<File extends Sendable> {
  /** The name of a file's upload. */
  nameOf(label: string): string;
  /** Equal for equal content only. */
  digest(file: File, signal: AbortSignal | undefined): Promise<string>;
  /** SHA-256, in hexadecimal digits. */
  digestOfText(text: string): Promise<string>;
  /** A file with this text. */
  written(label: string, text: string): Promise<File>;
  /** The URLs of the objects, in the order of the uploads. */
  upload(to: Sending, uploads: readonly Upload<File>[]): Promise<readonly string[]>;
}

/** Uploads the files among the inputs. This does not start a batch. */
export async function placed<File extends Sendable>(
  sending: Sending,
  inputs: readonly RemoteInput<File>[],
  files: Files<File>,
): Promise<ApiInput> {
  const sent = inputs.flatMap((input) => ("file" in input ? [input.file] : []));
  const [only] = inputs;
  if (inputs.length === 1 && only && "url" in only)
    return only.url.endsWith("/") ? { prefix: only.url } : { object: only.url };
  const { objects, prefix } = await sendFiles(sending, sent, files);
  if (sent.length < inputs.length) {
    const urls = objects.values();
    const listed = inputs.map((input) => ("url" in input ? input.url : (urls.next().value ?? "")));
    return { manifest: await sendManifest(sending, listed, files) };
  }
  const [object = ""] = objects;
  return sent.length === 1 ? { object } : { prefix };
}

/** A prefix stands for many objects, so it can only be the whole input. Throws `USAGE`. */
export function checkPrefixes(inputs: readonly unknown[]): void {
  const prefix = inputs.find((input) => typeof input === "string" && input.endsWith("/"));
  if (inputs.length > 1 && typeof prefix === "string")
    throw usage(`${prefix} means all objects below it: it must be the only input`);
}

interface Sent {
  /** In the order of the files. */
  readonly objects: readonly string[];
  /** All of them have this prefix, and no other objects have it. */
  readonly prefix: string;
}

async function sendFiles<File extends Sendable>(
  sending: Sending,
  sent: readonly File[],
  files: Files<File>,
): Promise<Sent> {
  const digits = String(sent.length).length;
  const names = sent.map(({ label }, place) =>
    sent.length === 1 ? files.nameOf(label) : `${numbered(place + 1, digits)}-${files.nameOf(label)}`,
  );
  const folder =
    sending.id === undefined ? ulid() : await fingerprint(sent, names, { files, signal: sending.signal });
  const uploads = sent.map((file, place): Upload<File> => ({ file, name: `${folder}/${names[place]}` }));
  const objects = await files.upload(sending, uploads);
  const prefix = `${objects[0]?.slice(0, -(names[0] ?? "").length)}`;
  const misplaced = objects.some((object, place) => object !== `${prefix}${names[place]}`);
  if (misplaced) throw renamed(sending.api);
  return { objects, prefix };
}

function renamed({ base }: ApiClient): Error {
  return notFanjoin(base, "it changes the names of uploads");
}

/** Keeps objects in the order given, because they are listed by name. */
function numbered(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}

async function sendManifest<File extends Sendable>(
  sending: Sending,
  urls: readonly string[],
  files: Files<File>,
): Promise<string> {
  const text = urls.map((url) => `${JSON.stringify(url)}\n`).join("");
  const manifest = await files.written("manifest.jsonl", text);
  const { objects } = await sendFiles({ ...sending, uploads: undefined }, [manifest], files);
  return objects[0] ?? "";
}

/**
 * Equal only for files with equal names and content. So an uploaded object is never overwritten by another
 * content.
 */
async function fingerprint<File extends Sendable>(
  sent: readonly File[],
  names: readonly string[],
  { files, signal }: { readonly files: Files<File>; readonly signal: AbortSignal | undefined },
): Promise<string> {
  let text = "";
  for (const [place, file] of sent.entries())
    text += JSON.stringify([names[place], await files.digest(file, signal)]);
  return (await files.digestOfText(text)).slice(0, 32);
}
