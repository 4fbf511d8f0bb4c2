/** The files of a directory on the command line. */
import { isUtf8 } from "node:buffer";
import { readdirSync } from "node:fs";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import { FanjoinError } from "../core/errors/errors.ts";
import { isUnusable, look, unreadable } from "./found-files.ts";
import type { FoundFiles, Unusable } from "./found-files.ts";
import { isHidden, isUnfinished } from "./ignored.ts";

/** Names are read as bytes: Node would replace those that are not UTF-8, and the file would not be found. */
export function entriesOf(directory: string): Dirent<Buffer>[] {
  return readdirSync(directory, { withFileTypes: true, encoding: "buffer" });
}

export const MISNAMED: Unusable = {
  code: "INPUT_INVALID",
  what: "has a name that is not UTF-8 (rename it)",
};

/** A name for messages: bytes that are not UTF-8 are shown as `\xff`. */
export function shownName(name: Buffer): string {
  if (isUtf8(name)) return name.toString();
  return Array.from(name.toString("latin1"), (character) =>
    character < "\u0080" ? character : `\\x${character.charCodeAt(0).toString(16)}`,
  ).join("");
}

/**
 * Finds the files of `directory`. `deep` includes subdirectories, but for `node_modules`. Links to files are
 * read; links to directories are not followed, because they can form a circle. Throws `INPUT_INVALID` if the
 * directory itself cannot be read.
 */
export function findInDirectory(directory: string, deep: boolean, found: FoundFiles): void {
  let entries: Dirent<Buffer>[];
  try {
    entries = entriesOf(directory);
  } catch (error) {
    throw new FanjoinError("INPUT_INVALID", `the directory ${directory} ${unreadable(error).what}`, {
      cause: error,
    });
  }
  for (const entry of entries) findEntry(directory, entry, { deep, found });
}

interface Search {
  readonly deep: boolean;
  readonly found: FoundFiles;
}

function findEntry(directory: string, entry: Dirent<Buffer>, { deep, found }: Search): void {
  const name = entry.name.toString();
  const path = join(directory, name);
  if (isHidden(name)) found.leaveOut("hidden");
  else if (entry.isDirectory()) findBelow(path, entry, { deep, found });
  else if (isUnfinished(name)) found.leaveOut("unfinished");
  else if (!isUtf8(entry.name)) found.fail(join(directory, shownName(entry.name)), MISNAMED);
  else addFile(path, found);
}

function findBelow(path: string, { name }: Dirent<Buffer>, { deep, found }: Search): void {
  if (!deep) return found.leaveOut("directory");
  if (name.toString() === "node_modules") return found.leaveOut("packages");
  if (!isUtf8(name)) return found.fail(join(path, "..", shownName(name)), MISNAMED);
  try {
    findInDirectory(path, deep, found);
  } catch (error) {
    found.fail(path, unreadable(error instanceof FanjoinError ? error.cause : error));
  }
}

/** Adds what a path in a directory leads to. */
export function addFile(path: string, found: FoundFiles): void {
  const seen = look(path);
  if (seen === null) found.fail(path, { code: "INPUT_NOT_FOUND", what: "does not exist any more" });
  else if (isUnusable(seen)) found.fail(path, seen);
  else if (seen.isFile()) found.add(path, seen);
  else found.leaveOut(seen.isDirectory() ? "linked" : "other");
}
