/**
 * The state of a directory: ledger and queue in one SQLite database, with one writer.
 *
 * Everything happens in memory at once. The changes are written behind, in groups of one transaction each.
 * A group is a snapshot, so a crash leaves everything up to some moment and nothing after it.
 */
import type { DatabaseSync } from "node:sqlite";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Clock, Ledger } from "../../ports.ts";
import { countedCommits } from "./commits.ts";
import type { Commits } from "./commits.ts";
import { groupCommits } from "./group-commits.ts";
import { guarded, unusable } from "./database-error.ts";
import { openFile, openFileForReading } from "./database-file.ts";
import { committedLedger, createLedger } from "./ledger.ts";
import { recordTable } from "./record-table.ts";
import type { RecordGroup } from "./ledger.ts";
import { createRemoval } from "./removal.ts";
import type { Removal } from "./removal.ts";
import { createQueue } from "./queue.ts";
import type { LocalQueue, QueueOptions } from "./local-queue.ts";
import { messageTable } from "./queue-table.ts";
import type { MessageGroup } from "./queue-table.ts";

export interface DatabaseOptions {
  readonly file: string;
  /**
   * `full`, the default: commits survive a power cut. `normal`: they survive the death of the process.
   */
  readonly synchronous?: "full" | "normal";
  readonly clock: Clock;
  /** Awaited after a group is closed and before it is written: sync the files that it names. */
  readonly beforeCommit?: () => Promise<void>;
  /** Called once, when a commit has failed and nothing can be made durable any more. */
  readonly onFailure?: (error: FanjoinError) => void;
  readonly queue?: QueueOptions;
}

export interface Database {
  readonly ledger: Ledger;
  readonly queue: LocalQueue;
  readonly removal: Removal;
  /** Resolves once everything done before this call is durable; rejects if the database failed. */
  committed(): Promise<void>;
  readonly commits: Commits;
  /** Commits all changes, and closes. Rejects if the database failed. */
  close(): Promise<void>;
}

interface Group {
  readonly records: RecordGroup | null;
  readonly messages: MessageGroup | null;
}

export function openDatabase(options: DatabaseOptions): Database {
  const { file, synchronous = "full", clock, beforeCommit = nothing, onFailure } = options;
  const db = openFile(file, synchronous);
  let failure: FanjoinError | null = null;
  let closing: Promise<void> | null = null;
  const commits = countedCommits();

  function check(): void {
    if (failure !== null) throw failure;
  }

  const { messages, stored, table } = closedIfItThrows(db, file, () => {
    const opened = messageTable(db, file);
    return { messages: opened, stored: opened.load(), table: recordTable(db, file) };
  });
  const { changed, settled } = groupCommits<Group>({
    take,
    beforeCommit,
    write(group) {
      transaction(db, () => writeGroup(group));
      commits.add();
    },
    failed(cause) {
      failure = unusable(file, cause);
      commits.end(failure);
      onFailure?.(failure);
      return failure;
    },
  });
  const records = createLedger(table, check, changed);
  const queued = createQueue(stored, { clock, check, changed }, options.queue);
  const removal = createRemoval({
    db,
    file,
    table,
    records,
    settled,
    transaction: (action) => transaction(db, action),
  });

  function take(): Group | null {
    const group = { records: records.takeGroup(), messages: queued.takeGroup() };
    return group.records === null && group.messages === null ? null : group;
  }

  function writeGroup(group: Group): void {
    if (group.records !== null) records.writeGroup(group.records);
    if (group.messages !== null) messages.write(group.messages);
  }

  async function close(): Promise<void> {
    try {
      await settled();
      removal.shrink();
    } finally {
      failure ??= new FanjoinError("DIRECTORY_UNUSABLE", `The state database ${file} has been closed.`);
      commits.end(failure);
      db.close();
    }
  }

  return {
    ledger: records.ledger,
    queue: queued.queue,
    removal,
    committed: settled,
    commits,
    close: () => (closing ??= close()),
  };
}

/** Reads the committed records while another process holds the directory. */
export function openForReading(file: string): {
  ledger: Pick<Ledger, "read" | "list">;
  /** The bytes of all records whose keys begin with `prefix`. */
  bytes(prefix: string): number;
  close(): void;
} {
  const db = openFileForReading(file);
  const table = closedIfItThrows(db, file, () => recordTable(db, file));
  return {
    ledger: committedLedger(table),
    bytes: (prefix) => table.bytes(prefix),
    close: () => db.close(),
  };
}

function closedIfItThrows<T>(db: DatabaseSync, file: string, action: () => T): T {
  try {
    return guarded(file, action);
  } catch (error) {
    db.close();
    throw error;
  }
}

function transaction<T>(db: DatabaseSync, action: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const done = action();
    db.exec("COMMIT");
    return done;
  } catch (error) {
    // SQLite itself undoes a transaction that met a full disk.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

async function nothing(): Promise<void> {}
