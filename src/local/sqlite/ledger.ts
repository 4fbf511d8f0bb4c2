/**
 * The embedded ledger: records in one table of `node:sqlite`, read through a cache and written behind.
 *
 * Uncommitted records are held in memory until they are committed. Committed ones may be dropped from memory
 * at any time.
 */
import { applyUpdate } from "../../core/records/record.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Ledger, ListOptions } from "../../ports.ts";
import { KeyFilter } from "./key-filter.ts";
import type { RecordTable, RecordRow } from "./record-table.ts";

/**
 * Committed records kept in memory: as many as the nodes that a busy batch works on at once, many times over.
 */
const CACHED_RECORDS = 4_000;
const CACHED_BYTES = 32 * 1024 * 1024;

export type RecordGroup = ReadonlyMap<string, Fields>;

export interface WriteBehindLedger {
  readonly ledger: Ledger;
  /**
   * The changes since the last call, `null` if there are none. They have to be written before the next call.
   */
  takeGroup(): RecordGroup | null;
  writeGroup(group: RecordGroup): void;
  /** The record as it is now. */
  find(key: string): Fields | null;
  /** Whether there is such a record, and no commit has written one yet, nor is writing it. */
  isNew(key: string): boolean;
  /** New records of these keys are never written. */
  forgetNew(isUnwanted: (key: string) => boolean): void;
  /** The records of these keys were removed from the table: none of them is written again. */
  forget(isGone: (key: string) => boolean): void;
}

/** `check` throws if the database is unusable; `changed` is called when there is something to write. */
export function createLedger(table: RecordTable, check: () => void, changed: () => void): WriteBehindLedger {
  const cache = createCache();
  // Most keys that are not in memory are new: nodes, plan entries and partials that are about to be made.
  const filter = new KeyFilter((visit) => table.eachKey(visit));
  let dirty = new Map<string, Fields>();
  /** The keys among them that had no record before. */
  let fresh = new Set<string>();
  /** The group that was taken last. */
  let writing = new Map<string, Fields>();

  function find(key: string): Fields | null {
    const record = dirty.get(key) ?? writing.get(key) ?? cache.get(key);
    if (record !== undefined) return record;
    const stored = filter.mayHave(key) ? table.get(key) : null;
    if (stored === null) {
      filter.missed();
      return null;
    }
    cache.set(key, stored.fields, stored.bytes);
    return stored.fields;
  }

  /** Uncommitted records take the place of committed ones. */
  function list(
    prefix: string,
    after: string | null,
    limit: number,
    options: ListOptions = {},
  ): readonly RecordRow[] {
    const order = options.descending === true ? -1 : 1;
    const { having } = options;
    const fresh = [...writing, ...dirty].filter(
      ([key]) => key.startsWith(prefix) && (after === null || compareKeys(key, after) * order > 0),
    );
    // Of those that are committed some may be listed no longer.
    const rows = table.list(prefix, after, limit + fresh.length, options);
    if (fresh.length === 0) return rows;
    const byKey = new Map([...rows.map(({ key, fields }) => [key, fields] as const), ...fresh]);
    return [...byKey]
      .map(([key, fields]) => ({ key, fields }))
      .filter(({ fields }) => having === undefined || Object.hasOwn(fields, having))
      .toSorted((a, b) => compareKeys(a.key, b.key) * order);
  }

  return {
    ledger: {
      // These answer at once; they are `async` so that whatever goes wrong is a rejection.
      async read(keys) {
        check();
        return keys.map(find);
      },
      async update(update) {
        check();
        const before = find(update.key);
        const updated = applyUpdate(before, update);
        if (updated.applied) {
          if (before === null) fresh.add(update.key);
          cache.delete(update.key);
          dirty.set(update.key, updated.record);
          changed();
        }
        return updated;
      },
      async list(prefix, after, limit, options) {
        check();
        return list(prefix, after, limit, options).slice(0, limit);
      },
    },
    find,
    isNew: (key) => fresh.has(key),
    forgetNew(isUnwanted) {
      for (const key of fresh) {
        if (!isUnwanted(key)) continue;
        fresh.delete(key);
        dirty.delete(key);
      }
    },
    forget(isGone) {
      for (const records of [dirty, writing]) {
        for (const key of records.keys()) if (isGone(key)) records.delete(key);
      }
      for (const key of fresh) if (isGone(key)) fresh.delete(key);
      cache.forget(isGone);
    },
    takeGroup() {
      if (dirty.size === 0) return null;
      writing = dirty;
      dirty = new Map();
      fresh = new Set();
      return writing;
    },
    writeGroup(group) {
      for (const [key, fields] of group) {
        table.put(key, fields);
        filter.add(key);
      }
    },
  };
}

/** The records that another process has committed. None is kept in memory. */
export function committedLedger(table: RecordTable): Pick<Ledger, "read" | "list"> {
  return {
    async read(keys) {
      return keys.map((key) => table.get(key)?.fields ?? null);
    },
    async list(prefix, after, limit, options) {
      return table.list(prefix, after, limit, options);
    },
  };
}

/** The order of SQLite, of DynamoDB and of S3: by UTF-8 bytes. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The records that were used last. */
function createCache() {
  const records = new Map<string, { readonly fields: Fields; readonly bytes: number }>();
  let bytes = 0;

  function forget(key: string): void {
    bytes -= records.get(key)?.bytes ?? 0;
    records.delete(key);
  }

  return {
    get(key: string): Fields | undefined {
      const found = records.get(key);
      if (found === undefined) return undefined;
      records.delete(key);
      records.set(key, found);
      return found.fields;
    },
    set(key: string, fields: Fields, size: number): void {
      forget(key);
      records.set(key, { fields, bytes: size });
      bytes += size;
      for (const oldest of records.keys()) {
        if (records.size <= CACHED_RECORDS && bytes <= CACHED_BYTES) break;
        forget(oldest);
      }
    },
    delete: forget,
    forget(isGone: (key: string) => boolean): void {
      for (const key of records.keys()) if (isGone(key)) forget(key);
    },
  };
}
