/** The database file: its marks and its format. A file of another program is refused and not touched. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FanjoinError } from "../../core/errors/errors.ts";
import { makeStateDirectory } from "../directory/files/own-files.ts";
import { guarded } from "./database-error.ts";
import { OPEN_INDEX, RECORDS_SCHEMA, RECORDS_UPGRADE } from "./record-table.ts";
import { MESSAGES_SCHEMA } from "./queue-table.ts";

/** "fjoi", in `PRAGMA application_id`. */
const APPLICATION = 0x66_6a_6f_69;
/**
 * In `PRAGMA user_version`: goes up when an older fanjoin could not read the file any more. 2: a redrive may
 * go on planning, and records have checksums. 3: each batch has a folder of segments, and a removal that has
 * begun has to be ended. 4: a batch may be paused. 5: a chunk may be split, hedged or a run of sources, and a
 * joined value with many groups is kept in blocks.
 */
const FORMAT = 5;
/** The format whose records have no checksums. */
const NO_SUMS = 1;
/** How long to wait for a reader that is in the way. */
const BUSY_MS = 5_000;

/** https://www.sqlite.org/fileformat.html#the_database_header */
const HEADER = { bytes: 100, magic: "SQLite format 3\0", format: 60, application: 68 } as const;

export function openFile(file: string, synchronous: "full" | "normal"): DatabaseSync {
  return guarded(file, () => {
    makeStateDirectory(dirname(file));
    checkHeader(file);
    const db = new DatabaseSync(file, { timeout: BUSY_MS });
    try {
      if (pragma(db, "application_id") === 0 && pragma(db, "schema_version") === 0) createTables(db);
      checkFormat(file, pragma(db, "application_id"), pragma(db, "user_version"));
      checkSchema(file, db, ["view", "trigger"]);
      db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`);
      upgrade(db, pragma(db, "user_version"));
      // A database of an older fanjoin gets it here.
      db.exec(OPEN_INDEX);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

export function openFileForReading(file: string): DatabaseSync {
  return guarded(file, () => {
    checkHeader(file);
    const db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
    try {
      checkFormat(file, pragma(db, "application_id"), pragma(db, "user_version"));
      checkSchema(file, db, ["view"]);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** All at once, so that a crash leaves an empty file or a complete one. */
function createTables(db: DatabaseSync): void {
  db.exec(`BEGIN IMMEDIATE;
    PRAGMA application_id = ${APPLICATION};
    PRAGMA user_version = ${FORMAT};
    ${RECORDS_SCHEMA};
    ${MESSAGES_SCHEMA};
    ${OPEN_INDEX};
    COMMIT`);
}

/** All at once, as its creation. */
function upgrade(db: DatabaseSync, from: number): void {
  if (from === FORMAT) return;
  const change = from <= NO_SUMS ? `${RECORDS_UPGRADE};` : "";
  db.exec(`BEGIN IMMEDIATE; ${change} PRAGMA user_version = ${FORMAT}; COMMIT`);
}

/** A view runs what its author wrote when it is read, a trigger when a table is written. */
function checkSchema(file: string, db: DatabaseSync, refused: readonly ("view" | "trigger")[]): void {
  db.exec("PRAGMA trusted_schema = OFF");
  const found = db.prepare("SELECT DISTINCT type FROM sqlite_schema").all();
  const foreign = refused.find((type) => found.some((row) => row["type"] === type));
  if (foreign === undefined) return;
  throw new FanjoinError(
    "DIRECTORY_UNUSABLE",
    `${file} has a ${foreign}, which fanjoin did not make: the file may come from somebody who means harm. Use another --dir.`,
  );
}

function pragma(db: DatabaseSync, name: "application_id" | "user_version" | "schema_version"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** Looks at the bytes first, because SQLite may write to a file as soon as it opens it. */
function checkHeader(file: string): void {
  if (!existsSync(file)) return;
  const fd = openSync(file, "r");
  try {
    if (fstatSync(fd).size === 0) return;
    const header = Buffer.alloc(HEADER.bytes);
    readSync(fd, header, 0, HEADER.bytes, 0);
    if (header.toString("latin1", 0, HEADER.magic.length) !== HEADER.magic) {
      throw new FanjoinError(
        "DIRECTORY_UNUSABLE",
        `${file} is not a state database, or it is damaged. Use another --dir, or move the file away to start afresh.`,
      );
    }
    // A journal means that a crash interrupted its creation, and that SQLite is about to undo it.
    if (existsSync(`${file}-journal`)) return;
    checkFormat(file, header.readInt32BE(HEADER.application), header.readInt32BE(HEADER.format));
  } finally {
    closeSync(fd);
  }
}

function checkFormat(file: string, application: number, format: number): void {
  if (application !== APPLICATION) {
    throw new FanjoinError(
      "DIRECTORY_UNUSABLE",
      `${file} is the database of another program, or one that a full disk kept from being made. Use another --dir, or move the file away.`,
    );
  }
  if (format > FORMAT) {
    throw new FanjoinError(
      "DIRECTORY_UNUSABLE",
      `${file} was written by a newer fanjoin (format ${format}, this one knows ${FORMAT}). Update fanjoin, or use another --dir.`,
    );
  }
}
