/** The files that match a glob on the command line. */
import { isUtf8 } from "node:buffer";
import { globSync, lstatSync } from "node:fs";
import { basename, dirname, join, normalize, sep } from "node:path";
import { addFile, entriesOf, MISNAMED, shownName } from "./directory-files.ts";
import { isUnusable, look, unreadable } from "./found-files.ts";
import type { FoundFiles } from "./found-files.ts";
import { isUnfinished } from "./ignored.ts";

const MAGIC = /[*?[{]/;

export function isGlob(text: string): boolean {
  return MAGIC.test(text);
}

/**
 * Finds the files that match `pattern`. Links to files are read; links to directories are followed only where
 * the pattern names them. Unfinished files are left out unless the pattern asks for them.
 */
export function findMatches(pattern: string, found: FoundFiles): void {
  const matches = new Set(globSync(pattern));
  const parts = partsOf(pattern);
  const wantsUnfinished = isUnfinished(parts.at(-1) ?? "");
  const walked = walkedBy(parts);
  const isBehindLink = behindLinks(namedPart(parts), walked.links);
  for (const directory of walked.directories) failUnread(directory, [matches, walked.paths], found);
  for (const path of matches) {
    if (isBehindLink(dirname(path)) || walked.links.has(path)) continue;
    if (isDirectory(path)) {
      // `**` finds the files below it.
      if (!parts.includes("**")) found.leaveOut("directory");
    } else if (isUnfinished(basename(path)) && !wantsUnfinished) found.leaveOut("unfinished");
    else addFile(path, found);
  }
  for (let left = walked.links.size; left > 0; left--) found.leaveOut("linked");
}

/** Cut at the slashes that are not in braces. */
function partsOf(pattern: string): string[] {
  return pattern.split(sep === "\\" ? /[\\/](?![^{]*\})/ : /\/(?![^{]*\})/);
}

/** The directories that are named in full before the first part of the pattern that is not a name. */
function namedPart(parts: readonly string[]): string {
  const first = parts.findIndex(isGlob);
  return parts.slice(0, first).join("/");
}

/** What a glob comes by. It says nothing about what it cannot read. */
interface Walked {
  /** The directories that it reads. */
  readonly directories: Set<string>;
  /** Links to directories, which it does not follow. */
  readonly links: Set<string>;
  /** All paths that a beginning of the pattern matches. */
  readonly paths: Set<string>;
}

function walkedBy(parts: readonly string[]): Walked {
  const walked: Walked = { directories: new Set(), links: new Set(), paths: new Set() };
  parts.forEach((part, length) => {
    const before = parts.slice(0, length).join("/");
    if (!isGlob(part) && !isGlob(before)) return;
    if (!isGlob(before)) walked.directories.add(length === 0 ? "." : before === "" ? "/" : before);
    else addMatching(before, walked);
    if (part === "**") addMatching(length === 0 ? "**" : `${before}/**`, walked);
  });
  return walked;
}

function addMatching(pattern: string, { directories, links, paths }: Walked): void {
  for (const path of globSync(pattern)) {
    paths.add(path);
    if (isDirectory(path)) directories.add(path);
    else if (isLinkedDirectory(path)) links.add(path);
  }
}

/** Notes what could not be read in `directory`, of the paths that were `wanted`. */
function failUnread(directory: string, wanted: readonly Set<string>[], found: FoundFiles): void {
  try {
    for (const { name } of entriesOf(directory)) {
      if (isUtf8(name)) continue;
      // The glob has other characters in place of the bytes, so it finds no such file.
      const path = join(directory, name.toString());
      if (wanted.map((paths) => paths.delete(path)).includes(true))
        found.fail(join(directory, shownName(name)), MISNAMED);
    }
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
    // A literal part of the pattern may name nothing: then nothing matches.
    if (!isGone) found.fail(directory, unreadable(error));
  }
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Tells whether a directory is a link below `base`, or behind one. The links are added to `links`. */
function behindLinks(base: string, links: Set<string>): (directory: string) => boolean {
  const known = new Map<string, boolean>([
    [normalize(base), false],
    [".", false],
  ]);
  const isBehind = (directory: string): boolean => {
    const answer = known.get(directory);
    if (answer !== undefined) return answer;
    const above = dirname(directory);
    let behind = above !== directory && isBehind(above);
    if (!behind && isLink(directory)) {
      behind = true;
      links.add(directory);
    }
    known.set(directory, behind);
    return behind;
  };
  return isBehind;
}

function isLinkedDirectory(path: string): boolean {
  const seen = isLink(path) ? look(path) : null;
  return seen !== null && !isUnusable(seen) && seen.isDirectory();
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
