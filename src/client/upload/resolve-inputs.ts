/** The inputs of a deployed job as the user names them: local files, and objects on S3. */
import { usage } from "../../core/errors.ts";
import { mkdtemp } from "node:fs/promises";
import { basename, isAbsolute, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Source } from "../../input/reader.ts";
import { isOnS3 } from "../../local/store/s3-inputs.ts";
import { bytes } from "../../format.ts";
import type { InputStream } from "../../door/fanjoin.ts";
import { isStream, pathOf } from "../../find-inputs/given-input.ts";
import type { GivenInput } from "../../find-inputs/given-input.ts";
import { keepStream } from "../../find-inputs/kept-stream.ts";
import { sourcesOf } from "../../find-inputs/local-files.ts";
import type { SearchOptions } from "../../find-inputs/local-files.ts";
import { parseS3Url } from "../../find-inputs/s3-url.ts";

export interface LocalFile {
  readonly path: string;
  readonly bytes: number;
  /** As the user named it. */
  readonly label: string;
  /** As `versionOf` gives it. */
  readonly version: string | null;
}

/** A `url` is one object, or all objects below it if it ends in a slash. */
export type RemoteInput = { readonly file: LocalFile } | { readonly url: string };

/**
 * The largest upload of one PUT: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
 */
const MAX_FILE_BYTES = 5 * 1024 ** 3;

/** In the order given; streams as they are. Throws `INPUT_NOT_FOUND`, `INPUT_INVALID`, `USAGE`. */
export function sourcesToSend(
  inputs: readonly GivenInput[],
  options: SearchOptions = {},
): (Source | InputStream | string)[] {
  const found = inputs.flatMap((given): (Source | InputStream | string)[] => {
    const input = isStream(given) ? given : pathOf(given);
    if (typeof input !== "string") return [input];
    return isOnS3(input) ? [parseS3Url(input).url] : sourcesOf([input], options);
  });
  const prefix = found.find((source) => typeof source === "string" && source.endsWith("/"));
  if (found.length > 1 && typeof prefix === "string")
    throw usage(`${prefix} means all objects below it: it must be the only input`);
  return found;
}

/** A stream is first copied to `directory`, because an upload needs to know its length. */
export async function fileOf(source: Source | InputStream, directory: string): Promise<LocalFile> {
  if (!isStream(source)) return checkedFile(source, fileURLToPath(source.name));
  const path = join(await mkdtemp(join(directory, "stream-")), "content");
  const { bytes: size, version } = await keepStream(source, path);
  const label = source.name === "-" ? "standard-input" : source.name;
  return checkedFile({ name: path, label, size, version }, path);
}

function checkedFile({ label, size, version }: Source, path: string): LocalFile {
  if (size <= MAX_FILE_BYTES) return { path, bytes: size, label, version };
  throw usage(
    `${label} has ${bytes(size)}, more than the ${bytes(MAX_FILE_BYTES)} of an upload: copy it to S3 with \`aws s3 cp\`, and give its s3:// URL`,
  );
}

// oxlint-disable-next-line no-control-regex -- they are not allowed in the name of an upload
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\\]/g;
/** The API allows 512 bytes, including the folder before the name. */
const MAX_NAME_BYTES = 300;

/** A name that the API accepts, as close as possible to the name that the user gave. */
export function nameToSend(label: string): string {
  const parts = label.split(sep).filter((part) => part !== "" && part !== ".");
  const isBelow = !isAbsolute(label) && !parts.includes("..");
  const kept = isBelow ? parts : [basename(label)];
  const name = kept.map((part) => part.toWellFormed().replaceAll(UNSAFE, "_").replace(/^\./, "_")).join("/");
  return Buffer.byteLength(name) <= MAX_NAME_BYTES ? name : endOf(name);
}

/** The end of a path is kept, because it has the file's own name and its extension. */
function endOf(name: string): string {
  const characters = Array.from(name.replaceAll("/", "_"));
  while (Buffer.byteLength(characters.join("")) > MAX_NAME_BYTES) characters.shift();
  return characters.join("").replace(/^\./, "_");
}
