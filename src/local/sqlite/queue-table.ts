/** The queue on disk: one row for a message, written, moved on and deleted by runs of neighbouring ids. */
import type { DatabaseSync } from "node:sqlite";
import type { Message, QueueName } from "../../core/records/message.ts";
import { parseQueueName, parseStoredMessage } from "../records/stored-record.ts";

export const MESSAGES_SCHEMA =
  "CREATE TABLE messages (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, body TEXT NOT NULL, receives INTEGER NOT NULL) STRICT";

export interface StoredMessage {
  readonly id: number;
  readonly queue: QueueName;
  readonly message: Message;
  readonly receives: number;
}

/** The rows that one commit writes. */
export interface MessageGroup {
  /** Messages without a row, by id. */
  readonly sent: readonly StoredMessage[];
  /** Messages whose row is out of date. */
  readonly changed: readonly StoredMessage[];
  /** Ids of rows to delete, ascending. */
  readonly gone: Float64Array;
}

export interface MessageTable {
  /** All messages, by id. Throws `DIRECTORY_UNUSABLE`. */
  load(): StoredMessage[];
  write(group: MessageGroup): void;
}

/**
 * Rows that one statement inserts at most: enough to make its cost nothing, few enough to bound its
 * parameter.
 */
const RUN_LIMIT = 1_000;

export function messageTable(db: DatabaseSync, file: string): MessageTable {
  // One parameter holds a whole run: several times cheaper than a statement for each message.
  const insert = db.prepare(
    "INSERT INTO messages (id, queue, body, receives) SELECT ? + key, ?, value, ? FROM json_each(?)",
  );
  const change = db.prepare("UPDATE messages SET queue = ?, receives = ? WHERE id BETWEEN ? AND ?");
  const remove = db.prepare("DELETE FROM messages WHERE id BETWEEN ? AND ?");
  return {
    load() {
      const rows = db.prepare("SELECT id, queue, body, receives FROM messages ORDER BY id").all();
      return rows.map(({ id, queue, body, receives }) => ({
        id: Number(id),
        queue: parseQueueName(file, Number(id), queue),
        message: parseStoredMessage(file, Number(id), String(body)),
        receives: Number(receives),
      }));
    },
    write({ sent, changed, gone }) {
      forEachRun(sent, (first, rows) => {
        const bodies = JSON.stringify(rows.map(({ message }) => message));
        insert.run(first.id, first.queue, first.receives, bodies);
      });
      forEachRun(changed, (first, { length }) => {
        change.run(first.queue, first.receives, first.id, first.id + length - 1);
      });
      for (let from = 0, to = 0; from < gone.length; from = to) {
        const first = gone[from] ?? 0;
        do to++;
        while (to < gone.length && gone[to] === first + to - from);
        remove.run(first, first + to - from - 1);
      }
    },
  };
}

/** Cuts `rows` into runs of neighbouring ids that are alike but for their messages. */
function forEachRun(
  rows: readonly StoredMessage[],
  visit: (first: StoredMessage, run: readonly StoredMessage[]) => void,
): void {
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const first = rows[from];
    if (!first) return;
    do to++;
    while (to - from < RUN_LIMIT && follows(rows[to], first, to - from));
    visit(first, rows.slice(from, to));
  }
}

function follows(row: StoredMessage | undefined, first: StoredMessage, distance: number): boolean {
  return row?.id === first.id + distance && row.queue === first.queue && row.receives === first.receives;
}
