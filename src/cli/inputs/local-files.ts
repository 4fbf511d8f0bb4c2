/** The local inputs that a user names, as sources of a batch: files, directories, globs, standard input. */
import { globSync, readdirSync, statSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FanjoinError } from "../../core/errors.ts";
import type { Source } from "../../input/reader.ts";
import { statOf } from "../../local/store/open-file.ts";
import { usage } from "../error-text.ts";
import { STANDARD_INPUT } from "./standard-input.ts";

/**
 * In the order given. The files of a directory or glob are sorted by name. `-` gives `STANDARD_INPUT`. With
 * `deep`, directories include their subdirectories. Throws `INPUT_NOT_FOUND`, `USAGE`.
 */
export function sourcesOf(inputs: readonly string[], deep = false): Source[] {
  return inputs.flatMap((input) => sourcesNamed(input, deep));
}

/** Throws `USAGE` if standard input is named more than once. */
export function checkStandardInput(inputs: readonly string[]): void {
  if (inputs.filter((input) => input === "-").length > 1)
    throw usage("standard input can be read only once: give - once");
}

function sourcesNamed(input: string, deep: boolean): Source[] {
  if (input === "-") return [STANDARD_INPUT];
  const stats = statSync(input, { bigint: true, throwIfNoEntry: false });
  if (stats?.isFile()) return [fileSource(input, stats)];
  if (stats?.isDirectory()) return filesIn(input, deep);
  if (stats) throw usage(`${input} is neither a file nor a directory`);
  if (/[*?[{]/.test(input)) return filesMatching(input);
  throw new FanjoinError("INPUT_NOT_FOUND", `there is no file ${input}`);
}

/** Without hidden files. `deep` includes subdirectories, except `node_modules`. */
function filesIn(directory: string, deep: boolean): Source[] {
  const found = filesAmong(pathsIn(directory, deep));
  if (found.length > 0) return found;
  throw new FanjoinError("INPUT_NOT_FOUND", `there are no files in the directory ${directory}`);
}

/** Links to directories are not followed, because they can form a circle. */
function pathsIn(directory: string, deep: boolean): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".")) return [];
    const path = join(directory, entry.name);
    if (!deep || !entry.isDirectory()) return [path];
    return entry.name === "node_modules" ? [] : pathsIn(path, deep);
  });
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
