/**
 * Removes the records of batches. The first commit takes a batch away: its record, and the tokens that stand
 * for it. The record `removed/<batch>` says from then on that the rest has to go, until all of it is gone; a
 * crash in between is repaired by the next owner of the directory.
 */
import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { batchKey } from "../../core/records/batch/batch.ts";
import { keysOf, prefixesOf } from "../../core/records/batch/batch-records.ts";
import { planKey } from "../../core/records/plan.ts";
import type { Fields } from "../../core/records/record.ts";
import { guarded } from "./database-error.ts";
import type { WriteBehindLedger } from "./ledger.ts";
import { LAST } from "./record-table.ts";
import type { RecordTable } from "./record-table.ts";

/** The records that one transaction removes: some 20 ms, in which nothing else happens in the process. */
const SLICE = 5_000;
/** So much room is worth a new copy of the file, if half of the file is free. */
const WORTH_BYTES = 1024 * 1024;

const TOKENS = "token/";
const REMOVED = "removed/";

export interface Removal {
  /**
   * Takes away the record of a batch and the tokens that stand for it. Nothing changes, and the result is
   * false, if `mayGo` refuses the record as it is in that moment. Durable when it resolves.
   */
  begin(batch: string, mayGo: (fields: Fields) => boolean): Promise<boolean>;
  /** Removes all other records of a batch: tree, partials, plan, journals. Durable when it resolves. */
  dropRecords(batch: string): Promise<void>;
  /** All of these records are never written, if none of them has been until now. */
  omitRecords(batch: string): void;
  /** Nothing is left of the batch. */
  end(batch: string): Promise<void>;
  /** The batches whose removal has begun, and has not ended. */
  begun(): string[];
}

/** What the database itself asks, before it is closed. */
export interface OwnRemoval extends Removal {
  /** After removals: gives free room in the file back to the disk, if that is worth it. */
  shrink(): void;
}

export interface RemovalContext {
  readonly db: DatabaseSync;
  readonly file: string;
  readonly table: RecordTable;
  readonly records: Pick<WriteBehindLedger, "find" | "forget" | "isNew" | "forgetNew">;
  /** Resolves once everything done before is committed; rejects if the database failed. */
  readonly settled: () => Promise<void>;
  readonly transaction: <T>(action: () => T) => T;
}

export function createRemoval({
  db,
  file,
  table,
  records,
  settled,
  transaction,
}: RemovalContext): OwnRemoval {
  const one = db.prepare("DELETE FROM records WHERE key = ?");
  const tokens = db.prepare(
    `DELETE FROM records WHERE key >= '${TOKENS}' AND key < ? AND json_extract(body, '$.batch') = ?`,
  );
  const slice = db.prepare(
    "DELETE FROM records WHERE key IN (SELECT key FROM records WHERE key >= ? AND key < ? LIMIT ?)",
  );
  const marked = db.prepare("SELECT key FROM records WHERE key >= ? AND key < ?");

  let hasRoom = false;

  /** A transaction after which no record of these keys is in memory. Returns what `action` does. */
  async function remove<T>(isGone: (key: string) => boolean, action: () => T): Promise<T> {
    await settled();
    const done = guarded(file, () => transaction(action));
    records.forget(isGone);
    return done;
  }

  /** Removes some records whose keys begin with `prefix`. Returns how many. */
  const removeSlice = (prefix: string): Promise<number> =>
    remove(
      (key) => key.startsWith(prefix),
      () => Number(slice.run(prefix, `${prefix}${LAST}`, SLICE).changes),
    );

  return {
    async begin(batch, mayGo) {
      const key = batchKey(batch);
      await settled();
      // From here on nothing else happens until the commit is done.
      const fields = records.find(key);
      if (fields === null || !mayGo(fields)) return false;
      guarded(file, () =>
        transaction(() => {
          table.put(`${REMOVED}${batch}`, {});
          one.run(key);
          tokens.run(`${TOKENS}${LAST}`, batch);
        }),
      );
      records.forget((other) => other === key || other.startsWith(TOKENS));
      return true;
    },
    async dropRecords(batch) {
      for (const prefix of prefixesOf(batch)) {
        while ((await removeSlice(prefix)) === SLICE) await nextTurn();
      }
      const keys = keysOf(batch);
      await remove(
        (key) => keys.includes(key),
        () => keys.forEach((key) => one.run(key)),
      );
    },
    omitRecords(batch) {
      // The first entry of the plan comes before all of them.
      if (!records.isNew(planKey(batch, 0))) return;
      const prefixes = prefixesOf(batch);
      const keys = keysOf(batch);
      records.forgetNew((key) => keys.includes(key) || prefixes.some((prefix) => key.startsWith(prefix)));
    },
    async end(batch) {
      const key = `${REMOVED}${batch}`;
      await remove(
        (other) => other === key,
        () => one.run(key),
      );
      hasRoom = true;
    },
    begun: () =>
      guarded(file, () =>
        marked.all(REMOVED, `${REMOVED}${LAST}`).map(({ key }) => String(key).slice(REMOVED.length)),
      ),
    shrink() {
      if (!hasRoom) return;
      const free = pragma(db, "freelist_count");
      if (free * pragma(db, "page_size") < WORTH_BYTES || 2 * free < pragma(db, "page_count")) return;
      try {
        db.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
      } catch {
        // The disk is full, or a reader is in the way: the room stays in the file, for the next batches.
      }
    },
  };
}

function pragma(db: DatabaseSync, name: "freelist_count" | "page_size" | "page_count"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
