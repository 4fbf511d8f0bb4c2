/** The bucket of `fanjoin dev`: two local folders, addressed by S3 URLs. */
import { readdirSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { FanjoinError } from "../../core/errors.ts";
import { compareKeys } from "../../local/sqlite/ledger.ts";
import { statOf } from "../../local/store/open-file.ts";
import type { ListedObject } from "../../ports.ts";
import { isIgnored } from "./ignored.ts";

const BUCKET = "s3://local/";

/** The folders of the objects whose keys begin with `uploads/` and `inputs/`. */
export interface Folders {
  readonly uploads: string;
  readonly inputs: string;
}

export interface LocalBucket {
  /** The `file:` URL of an `s3:` URL. Throws `INPUT_FORBIDDEN`. */
  fileOf(url: string): string;
  pathOf(key: string): string;
  urlOf(key: string): string;
  /** In key order. */
  list(url: string, limit: number): ListedObject[];
}

export function localBucket(folders: Folders): LocalBucket {
  function pathOf(key: string): string {
    const [folder = "", ...rest] = key.split("/");
    const isPlain = rest.every(
      (part) => part !== "" && part !== "." && part !== ".." && !/[\\\0]/.test(part),
    );
    if (folder in folders && rest.length > 0 && isPlain)
      return join(folders[folder as keyof Folders], ...rest);
    throw forbidden(`${BUCKET}${key}`);
  }

  return {
    pathOf,
    urlOf: (key) => `${BUCKET}${key}`,
    fileOf: (url) => pathToFileURL(pathOf(keyOf(url))).href,
    list(url, limit) {
      const prefix = keyOf(url);
      const keys = Object.entries(folders).flatMap(([name, path]: [string, string]) =>
        keysIn(path, `${name}/`),
      );
      return keys
        .filter((key) => key.startsWith(prefix))
        .toSorted(compareKeys)
        .slice(0, limit)
        .map((key) => ({ url: `${BUCKET}${key}`, ...statOf(statSync(pathOf(key), { bigint: true })) }));
    },
  };
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

function keysIn(path: string, prefix: string): string[] {
  const found = readdirSync(path, { recursive: true, withFileTypes: true });
  return found.flatMap((entry) => {
    if (!entry.isFile()) return [];
    const below = join(entry.parentPath, entry.name).slice(path.length + 1);
    return isIgnored(below) ? [] : [prefix + below.replaceAll(sep, "/")];
  });
}
