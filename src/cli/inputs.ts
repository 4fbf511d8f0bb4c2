/** What a user names as input, as the sources of a batch: files, directories, globs, standard input. */
import { globSync, readdirSync, statSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FanjoinError } from "../core/errors.ts";
import type { Source } from "../input/reader.ts";
import { statOf } from "../local/store-file.ts";
import { usage } from "./error-text.ts";
import { STANDARD_INPUT } from "./standard-input.ts";

/** In the order given; the files of a directory or glob sorted by name; `STANDARD_INPUT` for `-`. Throws `INPUT_NOT_FOUND`, `USAGE`. */
export function sourcesOf(inputs: readonly string[]): Source[] {
  if (inputs.filter((input) => input === "-").length > 1)
    throw usage("standard input can be read once only: name - once");
  return inputs.flatMap(sourcesNamed);
}

function sourcesNamed(input: string): Source[] {
  if (input === "-") return [STANDARD_INPUT];
  if (input.startsWith("s3://"))
    throw usage(`${input}: inputs on S3 cannot be read yet: copy them to files first`);
  const stats = statSync(input, { bigint: true, throwIfNoEntry: false });
  if (stats?.isFile()) return [fileSource(input, stats)];
  if (stats?.isDirectory()) return filesIn(input);
  if (stats) throw usage(`${input} is neither a file nor a directory`);
  if (/[*?[{]/.test(input)) return filesMatching(input);
  throw new FanjoinError("INPUT_NOT_FOUND", `there is no file ${input}`);
}

/** Its own files; hidden ones and those of directories below are left out. */
function filesIn(directory: string): Source[] {
  const names = readdirSync(directory).filter((name) => !name.startsWith("."));
  const found = filesAmong(names.map((name) => join(directory, name)));
  if (found.length > 0) return found;
  throw new FanjoinError("INPUT_NOT_FOUND", `there are no files in the directory ${directory}`);
}

function filesMatching(pattern: string): Source[] {
  const found = filesAmong(globSync(pattern));
  if (found.length > 0) return found;
  throw new FanjoinError("INPUT_NOT_FOUND", `no file matches ${pattern}`);
}

function filesAmong(paths: readonly string[]): Source[] {
  return paths.toSorted().flatMap((path) => {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats?.isFile() ? [fileSource(path, stats)] : [];
  });
}

function fileSource(path: string, stats: BigIntStats): Source {
  const { bytes, version } = statOf(stats);
  return { name: pathToFileURL(path).href, label: path, size: bytes, version };
}
