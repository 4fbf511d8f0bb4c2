/** The inputs of a deployed job as the user names them: local files, and objects on S3. */
import { mkdtemp } from "node:fs/promises";
import { basename, isAbsolute, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Source } from "../../input/reader.ts";
import { isOnS3 } from "../../local/store/s3-inputs.ts";
import type { InputStream } from "../../door/fanjoin.ts";
import { isStream, pathOf } from "../../find-inputs/given-input.ts";
import type { GivenInput } from "../../find-inputs/given-input.ts";
import { keepStream } from "../../find-inputs/kept-stream.ts";
import { sourcesOf } from "../../find-inputs/local-files.ts";
import type { SearchOptions } from "../../find-inputs/local-files.ts";
import { parseS3Url } from "../../find-inputs/s3-url.ts";
import { checkPrefixes } from "./placed-input.ts";
import type { Sendable } from "./upload-each.ts";
import { checkSize, safeName } from "./upload-limits.ts";

export interface LocalFile extends Sendable {
  readonly path: string;
  /** As `versionOf` gives it. */
  readonly version: string | null;
}

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
  checkPrefixes(found);
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
  return checkSize({ path, bytes: size, label, version });
}

/** A name that the API accepts, as close as possible to the name that the user gave. */
export function nameToSend(label: string): string {
  const parts = label.split(sep).filter((part) => part !== "" && part !== ".");
  const isBelow = !isAbsolute(label) && !parts.includes("..");
  return safeName(isBelow ? parts : [basename(label)]);
}
