/** The local inputs that a user names, as sources of a batch: files, directories, globs. */
import { FanjoinError, usage } from "../core/errors/errors.ts";
import type { Source } from "../input/reader.ts";
import { findInDirectory } from "./directory-files.ts";
import { fileSource, FoundFiles, isUnusable, look } from "./found-files.ts";
import { findMatches, isGlob } from "./glob-files.ts";

export interface SearchOptions {
  /** The job reads whole files: directories include their subdirectories. */
  readonly deep?: boolean;
  /** Paths that cannot be read are sources with a `problem`. Otherwise they are refused. */
  readonly problems?: boolean;
  /** Is told what directories and globs leave out. */
  readonly say?: (line: string) => void;
}

/**
 * In the order given. The files of a directory or glob are sorted by name. Throws `INPUT_NOT_FOUND`,
 * `INPUT_INVALID`, `USAGE`.
 */
export function sourcesOf(inputs: readonly string[], options: SearchOptions = {}): Source[] {
  return inputs.flatMap((input) => sourcesNamed(input, options));
}

function sourcesNamed(input: string, options: SearchOptions): Source[] {
  const seen = look(input);
  if (isUnusable(seen)) throw new FanjoinError(seen.code, `${input} ${seen.what}`);
  if (seen?.isFile()) return [fileSource(input, seen)];
  const found = new FoundFiles();
  if (seen?.isDirectory()) {
    findInDirectory(input, options.deep === true, found);
    return allFound(found, `there are no files in the directory ${input}`, { input, ...options });
  }
  if (seen) throw usage(`${input} is neither a file nor a directory`);
  if (!isGlob(input)) throw new FanjoinError("INPUT_NOT_FOUND", `there is no file ${input}`);
  findMatches(input, found);
  return allFound(found, `no file matches ${input}`, { input, ...options });
}

/** `nothing` is the message if there are none. */
function allFound(
  found: FoundFiles,
  nothing: string,
  { input, problems = false, say: tell = ignore }: SearchOptions & { readonly input: string },
): Source[] {
  const sources = found.sources(problems);
  const { leftOut } = found;
  if (sources.length === 0) {
    throw new FanjoinError("INPUT_NOT_FOUND", leftOut === "" ? nothing : `${nothing} (left out: ${leftOut})`);
  }
  if (leftOut !== "") tell(`left out of ${input}: ${leftOut}`);
  return sources;
}

function ignore(): void {}
