/**
 * The bucket of `fanjoin dev`: two local folders, addressed by S3 URLs. Links in them are not followed:
 * through a link, any file of this machine could be read.
 */
import { lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FanjoinError, reasonOf } from "../core/errors/errors.ts";
import { compareKeys } from "../local/sqlite/ledger.ts";
import { statOf } from "../local/store/open-file.ts";
import type { ListedObject } from "../ports.ts";
import { counted } from "../format.ts";
import { isIgnored } from "../find-inputs/ignored.ts";

const BUCKET = "s3://local/";

/** The folders of the objects whose keys begin with `uploads/` and `inputs/`. */
export interface Folders {
  readonly uploads: string;
  readonly inputs: string;
}

export interface LocalBucket {
  /** The `file:` URL of an `s3:` URL. Throws `INPUT_FORBIDDEN`. */
  fileOf(url: string): string;
  /** Throws `INPUT_FORBIDDEN`, also for a link and for what is behind one. */
  pathOf(key: string): string;
  urlOf(key: string): string;
  /** Throws `INPUT_FORBIDDEN` for the URL of another bucket. */
  checkPrefix(url: string): void;
  /**
   * In key order, without links, hidden and unfinished files; only those after the URL `after`. Throws
   * `INPUT_FORBIDDEN`, and `INPUT_INVALID` for a folder that cannot be read.
   */
  list(url: string, after: string | null): AsyncIterable<ListedObject>;
}

/** `log` is told what a list leaves out. */
export function localBucket(folders: Folders, log: (line: string) => void): LocalBucket {
  function pathOf(key: string): string {
    const [folder = "", ...rest] = key.split("/");
    const isPlain = rest.every(
      (part) => part !== "" && part !== "." && part !== ".." && !/[\\\0]/.test(part),
    );
    if (!Object.hasOwn(folders, folder) || rest.length === 0 || !isPlain) throw forbidden(`${BUCKET}${key}`);
    const root = folders[folder as keyof Folders];
    const link = linkIn(root, rest);
    if (link !== null) throw linked(`${BUCKET}${folder}/${link}`);
    return join(root, ...rest);
  }

  return {
    pathOf,
    urlOf: (key) => `${BUCKET}${key}`,
    fileOf: (url) => pathToFileURL(pathOf(keyOf(url))).href,
    checkPrefix: (url) => void keyOf(url),
    async *list(url, after) {
      const found: Found = { prefix: keyOf(url), keys: [], links: 0, unfinished: 0 };
      await collect(folders.inputs, "inputs/", found);
      await collect(folders.uploads, "uploads/", found);
      if (found.links + found.unfinished > 0) log(leftOut(url, found));
      for (const key of found.keys.toSorted(compareKeys))
        if (after === null || compareKeys(key, keyOf(after)) > 0) yield* objectAt(key, pathOf(key));
    },
  };
}

/** The first part of the path `parts` below `folder` that is a link; `null` if none is. */
export function linkIn(folder: string, parts: readonly string[]): string | null {
  let path = folder;
  for (const [place, part] of parts.entries()) {
    path = join(path, part);
    if (isLink(path)) return parts.slice(0, place + 1).join("/");
  }
  return null;
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    // There cannot be such a name.
    return false;
  }
}

function keyOf(url: string): string {
  if (url.startsWith(BUCKET)) return url.slice(BUCKET.length);
  throw forbidden(url);
}

function forbidden(url: string): FanjoinError {
  return new FanjoinError(
    "INPUT_FORBIDDEN",
    `fanjoin dev does not read ${url}: it reads only ${BUCKET}uploads/… and ${BUCKET}inputs/…`,
  );
}

function linked(url: string): FanjoinError {
  return new FanjoinError(
    "INPUT_FORBIDDEN",
    `${url} is a link, and fanjoin dev does not follow links: put a copy of the file in its place`,
  );
}

interface Found {
  readonly prefix: string;
  readonly keys: string[];
  links: number;
  unfinished: number;
}

/** Walks only into folders that can hold keys with the prefix. */
async function collect(path: string, folder: string, found: Found): Promise<void> {
  const { prefix } = found;
  if (!folder.startsWith(prefix) && !prefix.startsWith(folder)) return;
  for (const entry of await entriesOf(path, folder)) {
    const key = `${folder}${entry.name}`;
    if (entry.isDirectory() && !isIgnored(entry.name))
      await collect(join(path, entry.name), `${key}/`, found);
    else if (!key.startsWith(prefix)) continue;
    else if (entry.isSymbolicLink()) found.links++;
    else if (isIgnored(entry.name)) found.unfinished++;
    else if (entry.isFile()) found.keys.push(key);
  }
}

async function entriesOf(path: string, folder: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    throw new FanjoinError(
      "INPUT_INVALID",
      `the folder ${BUCKET}${folder} cannot be read: ${reasonOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** Nothing if the file has gone meanwhile. */
function objectAt(key: string, path: string): ListedObject[] {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats) return [{ url: `${BUCKET}${key}`, ...statOf(stats) }];
  // Bytes of a name that are not UTF-8 were replaced, so there is no such file.
  if (key.includes("\u{FFFD}")) throw misnamed(key);
  return [];
}

function misnamed(key: string): FanjoinError {
  return new FanjoinError("INPUT_INVALID", `the name of ${BUCKET}${key} is not UTF-8: rename the file`);
}

function leftOut(url: string, { links, unfinished }: Found): string {
  const what = [
    ...(links > 0 ? [counted(links, "link")] : []),
    ...(unfinished > 0 ? [counted(unfinished, "hidden or unfinished file")] : []),
  ];
  return `${what.join(" and ")} below ${url} left out`;
}
