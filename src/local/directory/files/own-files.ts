/**
 * fanjoin's own files in a state directory. None of them may be a link: a directory may come from somebody
 * else (a cloned repository may carry one), and fanjoin writes, renames and deletes nothing outside of it.
 */
import { constants, lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { FanjoinError, reasonOf } from "../../../core/errors/errors.ts";
import { makeDirectory } from "./make-directory.ts";

export const STATE_FILE = "state.db";
export const LOCK_FILE = "lock";
export const OWNER_FILE = "owner.json";
/** How other processes reach a `fanjoin dev` that owns the directory. */
export const DEV_FILE = "dev.json";
const FOLDERS = ["batches", "segments", "journal", "requests", "inputs"] as const;
/** What SQLite keeps beside a database. */
const BESIDE = ["", "-wal", "-shm", "-journal"] as const;
const FILES = [
  ...BESIDE.flatMap((end) => [`${STATE_FILE}${end}`, `${LOCK_FILE}${end}`]),
  OWNER_FILE,
  `${OWNER_FILE}.new`,
  DEV_FILE,
  `${DEV_FILE}.new`,
];

/** A flag of `open`: fails if the file is a link. Windows has no such flag. */
export const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/** Flags of `open`. Without them, opening a pipe waits for its writer, and a terminal may be taken over. */
export const NEVER_WAIT = (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** Makes the state directory, for this user only. An existing one stays as it is. */
export function makeStateDirectory(directory: string): void {
  makeDirectory(directory, 0o700);
}

/** Throws `DIRECTORY_UNUSABLE` if one of fanjoin's own files or folders is something else. */
export function checkOwnFiles(directory: string): void {
  for (const name of FOLDERS) refuseLink(join(directory, name));
  for (const name of FILES) {
    const path = join(directory, name);
    const stats = statsOf(path);
    if (stats && !stats.isFile()) throw foreign(path, stats.isSymbolicLink() ? "a link" : "not a file");
  }
}

/** Throws `DIRECTORY_UNUSABLE` if there is a link at `path`. */
export function refuseLink(path: string): void {
  if (statsOf(path)?.isSymbolicLink()) throw foreign(path, "a link");
}

function statsOf(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // Its directory cannot be used: opening the file says why.
    return undefined;
  }
}

/** Whether `file` is in `directory`. Throws `DIRECTORY_UNUSABLE` if that cannot be known. */
export function isIn(directory: string, file: string): boolean {
  try {
    lstatSync(join(directory, file));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw unusable(directory, error);
  }
}

export function unusable(directory: string, cause: unknown): FanjoinError {
  if (cause instanceof FanjoinError) return cause;
  return new FanjoinError(
    "DIRECTORY_UNUSABLE",
    `The directory ${directory} cannot be used for state: ${reasonOf(cause)}. Give another --dir, or make this one writable.`,
    { cause },
  );
}

function foreign(path: string, what: string): FanjoinError {
  return new FanjoinError(
    "DIRECTORY_UNUSABLE",
    `The directory ${dirname(path)} cannot be used for state: ${basename(path)} is ${what}, which fanjoin did not make. Nothing was changed. Give another --dir, or remove it.`,
  );
}
