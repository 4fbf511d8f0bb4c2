/** The lock of a state directory. It dies with its holder, however that dies. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ownerOf } from "../../core/records/batch/owner.ts";
import type { Fields } from "../../core/records/record.ts";
import { count, object, text } from "../../core/json/shape.ts";
import {
  checkOwnFiles,
  isIn,
  LOCK_FILE,
  makeStateDirectory,
  OWNER_FILE,
  unusable,
} from "./files/own-files.ts";

export interface Lock {
  /** The name of this owner: no other one, of any directory at any time, has it. */
  readonly owner: string;
  release(): void;
}

/** Another process has the lock. */
export interface Held {
  readonly heldBy: Owner;
}

export interface Owner {
  /** 0 if unknown: it has only just taken the lock. */
  readonly pid: number;
  readonly since: string;
  /** Without options: a token may be among them. */
  readonly command: string;
}

const owner = object({ pid: count, since: text, command: text });

/** `code` of `node:sqlite`, https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;
/** Longer than `lockHolder` holds the file. */
const PROBE_MS = 50;

/** Referred to from here, because the garbage collector closes any other connection, and its lock with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the lock of `directory`. The operating system drops it when the process ends, because it is a
 * lock on a file (an empty database, held in an exclusive transaction), not the existence of one.
 */
export function takeLock(directory: string, since = new Date()): Lock | Held {
  const ownerFile = join(directory, OWNER_FILE);
  try {
    makeStateDirectory(directory);
    checkOwnFiles(directory);
    const db = holdExclusively(join(directory, LOCK_FILE));
    if (db === null) return { heldBy: readOwner(ownerFile) };
    held.add(db);
    writeOwner(ownerFile, since);
    return {
      owner: nameOf({ pid: process.pid, since: since.toISOString() }),
      release() {
        if (!db.isOpen) return;
        rmSync(ownerFile, { force: true });
        held.delete(db);
        db.close();
      },
    };
  } catch (error) {
    throw unusable(directory, error);
  }
}

/**
 * The holder of the lock of `directory`, `null` if it is free. Leaves nothing behind. Throws
 * `DIRECTORY_UNUSABLE`, also if the lock or the owner's file is a link.
 */
export function lockHolder(directory: string): Owner | null {
  checkOwnFiles(directory);
  if (!isIn(directory, LOCK_FILE)) return null;
  const file = join(directory, LOCK_FILE);
  const db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  try {
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    return null;
  } catch (error) {
    if (isBusy(error)) return readOwner(join(directory, OWNER_FILE));
    throw unusable(directory, error);
  } finally {
    db.close();
  }
}

/** The name of an owner. */
function nameOf({ pid, since }: Pick<Owner, "pid" | "since">): string {
  return `${pid} ${since}`;
}

/**
 * Which batches of `directory` a process works on, by their records. Asked before the records are read: an
 * owner may end its batch and go. Throws `DIRECTORY_UNUSABLE`.
 */
export function workedOnIn(directory: string): (batch: Fields) => boolean {
  const before = lockHolder(directory);
  return (batch) => isOwnedBy(before, batch) || isOwnedBy(lockHolder(directory), batch);
}

/** An owner that has only just begun, and one of an earlier version, may own any batch. */
function isOwnedBy(holder: Owner | null, batch: Fields): boolean {
  if (holder === null) return false;
  const owner = ownerOf(batch);
  return owner === null || holder.pid === NOBODY.pid || owner === nameOf(holder);
}

/** `null` if another connection, in this process or another one, has it. */
function holdExclusively(file: string): DatabaseSync | null {
  const db = new DatabaseSync(file, { timeout: PROBE_MS });
  try {
    db.exec("BEGIN EXCLUSIVE");
    return db;
  } catch (error) {
    db.close();
    if (isBusy(error)) return null;
    throw error;
  }
}

function writeOwner(file: string, since: Date): void {
  const written: Owner = {
    pid: process.pid,
    since: since.toISOString(),
    command: commandOf(process.argv),
  };
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, JSON.stringify(written), { flag: "wx" });
  renameSync(`${file}.new`, file);
}

/** The words of a command line before its first option: `fanjoin run sales.ts`. */
export function commandOf([, script = "", ...words]: readonly string[]): string {
  const option = words.findIndex((word) => word.startsWith("-"));
  const plain = option < 0 ? words : words.slice(0, option);
  return [basename(script).replace(/\.[cm]?[jt]s$/, ""), ...plain].join(" ");
}

const NOBODY: Owner = { pid: 0, since: "", command: "" };

function readOwner(file: string): Owner {
  try {
    const read: unknown = JSON.parse(readFileSync(file, "utf8"));
    return owner(read) === null ? (read as Owner) : NOBODY;
  } catch {
    return NOBODY;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}
