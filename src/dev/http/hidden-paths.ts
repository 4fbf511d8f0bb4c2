/** Takes the paths of this machine out of messages: a caller of the API knows files by other names. */
import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

/** A folder, and how callers know it: `""` for the folder that paths are relative to. */
export type KnownFolder = readonly [path: string, name: string];

/** Returns a function that rewrites messages. */
export function pathHider(folders: readonly KnownFolder[]): (message: string) => string {
  const replacements = folders
    .flatMap(([path, name]) => spellings(path).map((spelling): KnownFolder => [spelling, name]))
    // The folder inside is replaced before the one around it.
    .toSorted(([a], [b]) => b.length - a.length);
  return (message) => {
    let hidden = message;
    for (const [spelling, name] of replacements) {
      hidden = hidden.replaceAll(`${spelling}${sep}`, name === "" ? "" : `${name}/`);
      if (spelling.startsWith("file:"))
        hidden = hidden.replaceAll(`${spelling}/`, name === "" ? "" : `${name}/`);
      hidden = hidden.replaceAll(spelling, name === "" ? "." : name);
    }
    return hidden.replaceAll(OTHER_PATH, (path, top: string) =>
      existsSync(top) ? `…/${path.slice(path.lastIndexOf("/") + 1)}` : path,
    );
  };
}

/** For a state directory that is only looked at. */
export function hiderOf(directory: string): (message: string) => string {
  return pathHider([
    [resolve(directory, "inputs"), "s3://local/inputs"],
    [resolve(directory), "the state directory"],
    [process.cwd(), ""],
    [dirname(resolve(directory)), ""],
    [homedir(), "~"],
  ]);
}

/**
 * A path such as `/etc/passwd`, or its URL. The path of a request looks the same, but is no file. In the
 * shape of a message, "…" may stand for a part of it.
 */
const OTHER_PATH = /(?:file:\/\/|(?<![\w.~:/}-]))(\/[\w.@+…-]+)(?:\/[\w.@+…-]+)+/g;

/** A file's path can be written with its links or without, and as a URL. */
function spellings(path: string): string[] {
  const paths = new Set([path, realPath(path)]);
  return [...paths].flatMap((one) => (one === sep ? [] : [pathToFileURL(one).href, one]));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
