/** What a user names as the input of a deployed job: files of this machine, and objects on S3. */
import { basename, isAbsolute, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Source } from "../../../input/reader.ts";
import { isOnS3 } from "../../../local/store/s3-inputs.ts";
import { usage } from "../../error-text.ts";
import { bytes } from "../../display/format.ts";
import { checkStandardInput, sourcesOf } from "../../inputs/local-files.ts";
import { objectIn } from "../../inputs/s3-url.ts";
import { keepStandardInput, STANDARD_INPUT } from "../../inputs/standard-input.ts";

export interface LocalFile {
  readonly path: string;
  readonly bytes: number;
  /** As the user called it. */
  readonly label: string;
}

/** `url`: an object, or if it ends in a slash all objects below it. */
export type RemoteInput = { readonly file: LocalFile } | { readonly url: string };

/** What one PUT can hold: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
const MAX_FILE_BYTES = 5 * 1024 ** 3;

/** In the order given. Throws `INPUT_NOT_FOUND`, `USAGE`. */
export function sourcesToSend(inputs: readonly string[], deep: boolean): (Source | string)[] {
  checkStandardInput(inputs);
  const found = inputs.flatMap((input): (Source | string)[] =>
    isOnS3(input) ? [objectIn(input).url] : sourcesOf([input], deep),
  );
  const prefix = found.find((one) => typeof one === "string" && one.endsWith("/"));
  if (found.length > 1 && typeof prefix === "string")
    throw usage(`${prefix} stands for all objects below it: give it alone`);
  return found;
}

/**
 * Standard input is kept in `directory` first: how long it is has to be said before it is sent. `null`:
 * somebody pressed Ctrl-C.
 */
export async function fileOf(source: Source, directory: string, quiet: boolean): Promise<LocalFile | null> {
  if (source !== STANDARD_INPUT) return checkedFile(source, fileURLToPath(source.name));
  const kept = await keepStandardInput({ directory, batch: "-", quiet });
  return kept && checkedFile({ ...kept.source, label: "standard-input" }, join(directory, kept.source.name));
}

function checkedFile({ label, size }: Source, path: string): LocalFile {
  if (size <= MAX_FILE_BYTES) return { path, bytes: size, label };
  throw usage(
    `${label} has ${bytes(size)}, and an upload can have ${bytes(MAX_FILE_BYTES)}: copy it with \`aws s3 cp\`, and name it as s3://…`,
  );
}

// oxlint-disable-next-line no-control-regex -- no name of an upload may hold them
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\\]/g;
/** The API takes 512 bytes with the folder before it. */
const MAX_NAME_BYTES = 300;

/** A name that the API takes, as near as can be to what the user called the file. */
export function nameToSend(label: string): string {
  const parts = label.split(sep).filter((part) => part !== "" && part !== ".");
  const isBelow = !isAbsolute(label) && !parts.includes("..");
  const named = isBelow ? parts : [basename(label)];
  const name = named.map((part) => part.toWellFormed().replaceAll(UNSAFE, "_").replace(/^\./, "_")).join("/");
  return Buffer.byteLength(name) <= MAX_NAME_BYTES ? name : endOf(name);
}

/** The end says more than the beginning: a file's own name, and its extension. */
function endOf(name: string): string {
  const characters = Array.from(name.replaceAll("/", "_"));
  while (Buffer.byteLength(characters.join("")) > MAX_NAME_BYTES) characters.shift();
  return characters.join("").replace(/^\./, "_");
}
