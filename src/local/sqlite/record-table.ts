/** The table of records: each is a key and its fields as JSON, with a checksum. */
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { changedBytes, checksum } from "../../checksum.ts";
import { batchKey } from "../../core/records/batch/batch.ts";
import type { Fields } from "../../core/records/record.ts";
import type { ListOptions } from "../../ports.ts";
import { parseRecord } from "../records/stored-record.ts";
import { guarded } from "./database-error.ts";

/** `sum` is the checksum of key and body; it is missing in records of format 1. */
export const RECORDS_SCHEMA =
  "CREATE TABLE records (key TEXT PRIMARY KEY, body TEXT NOT NULL, sum INTEGER) STRICT";
/** Brings the table of a database of format 1 to that form. */
export const RECORDS_UPGRADE = "ALTER TABLE records ADD COLUMN sum INTEGER";

const BATCHES = batchKey("");
const IS_OPEN = "json_type(body, '$.open') IS NOT NULL";
/** SQLite compares the text of a query with that of the index. The keys, which are cheap, come first. */
const IS_OPEN_BATCH = `key >= '${BATCHES}' AND key < '${BATCHES.slice(0, -1)}0' AND ${IS_OPEN}`;

/**
 * The batches that have not ended are few among all. An older fanjoin keeps the index up to date, because
 * SQLite does, and makes no use of it.
 */
export const OPEN_INDEX = `CREATE INDEX IF NOT EXISTS open_batches ON records (key) WHERE ${IS_OPEN_BATCH}`;

export interface RecordRow {
  readonly key: string;
  readonly fields: Fields;
}

export interface RecordTable {
  get(key: string): { readonly fields: Fields; readonly bytes: number } | null;
  list(prefix: string, after: string | null, limit: number, options?: ListOptions): RecordRow[];
  put(key: string, fields: Fields): void;
  eachKey(visit: (key: string) => void): void;
  /** The bytes of all records whose keys begin with `prefix`. */
  bytes(prefix: string): number;
}

const PUT = `INSERT INTO records (key, body, sum) VALUES (?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET body = excluded.body, sum = excluded.sum`;

export function recordTable(db: DatabaseSync, file: string): RecordTable {
  const one = db.prepare("SELECT * FROM records WHERE key = ?");
  const listing = listStatements(db);
  const size = db.prepare(
    "SELECT sum(octet_length(key) + octet_length(body)) AS bytes FROM records WHERE key >= ? AND key < ?",
  );
  // Only an owner writes. For others the table may have an earlier form, which the statement does not fit.
  let put: StatementSync | null = null;
  return {
    bytes: (prefix) => guarded(file, () => Number(size.get(prefix, `${prefix}${LAST}`)?.["bytes"] ?? 0)),
    get(key) {
      return guarded(file, () => {
        const row = one.get(key);
        if (row === undefined) return null;
        const body = String(row["body"]);
        return { fields: parseRow(file, row), bytes: body.length };
      });
    },
    list(prefix, after, limit, options = {}) {
      return guarded(file, () =>
        listing(prefix, options)
          .all({ prefix, end: `${prefix}${LAST}`, after, limit })
          .map((row) => ({ key: String(row["key"]), fields: parseRow(file, row) })),
      );
    },
    put(key, fields) {
      const body = JSON.stringify(fields);
      put ??= db.prepare(PUT);
      put.run(key, body, sumOf(key, body));
    },
    eachKey(visit) {
      guarded(file, () => {
        for (const { key } of db.prepare("SELECT key FROM records").iterate()) visit(String(key));
      });
    },
  };
}

/** The key is in it: a record in the place of another one is noticed. */
function sumOf(key: string, body: string): number {
  return checksum(body, checksum(key));
}

function parseRow(file: string, { key, body, sum }: Record<string, SQLOutputValue>): Fields {
  const [name, text] = [String(key), String(body)];
  if (typeof sum === "number" && sum !== sumOf(name, text))
    throw changedBytes(`the record ${JSON.stringify(name)} of ${file}`);
  return parseRecord(file, name, text);
}

/** Above every character that a key may go on with. */
export const LAST = "\u{10FFFF}";

type Listing = (prefix: string, options: ListOptions) => StatementSync;

/** One statement for each kind of list, prepared when it is first wanted. */
function listStatements(db: DatabaseSync): Listing {
  const made = new Map<string, StatementSync>();
  return (prefix, options) => {
    const text = listText(prefix, options);
    const statement = made.get(text) ?? db.prepare(text);
    made.set(text, statement);
    return statement;
  };
}

/** The query of a list. Where `having` is wanted of batches, the index answers. */
export function listText(prefix: string, { descending = false, having }: ListOptions): string {
  const isIndexed = having !== undefined && prefix.startsWith(BATCHES);
  const condition = isIndexed ? IS_OPEN_BATCH : having === undefined ? "TRUE" : IS_OPEN;
  return `SELECT * FROM records WHERE key >= :prefix AND key < :end
    AND (:after IS NULL OR key ${descending ? "<" : ">"} :after) AND ${condition}
    ORDER BY key ${descending ? "DESC" : "ASC"} LIMIT :limit`;
}
