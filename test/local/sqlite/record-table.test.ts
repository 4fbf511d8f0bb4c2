import type { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { openFile } from "../../../src/local/sqlite/database-file.ts";
import { openForReading } from "../../../src/local/sqlite/database.ts";
import { listText, recordTable } from "../../../src/local/sqlite/record-table.ts";
import { temporaryDirectory } from "../../memory/directory.ts";

const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** The record of a batch that has ended, and of one that has not. */
const SPEC = {
  generation: 0,
  job: "numbers",
  params: null,
  chunk: { items: 4, bytes: null },
  concurrency: 1,
  createdAt: 1,
  deadlineAt: 8_000_000_000_000,
  jobFile: "job.ts",
  input: {
    reader: "range",
    options: {},
    sources: [{ name: "", label: "range", size: 9, version: "" }],
  },
  tolerate: { count: null, percent: null },
};
const ENDED = { ...SPEC, state: "succeeded", endedAt: 2 };
const WORKING = { ...SPEC, open: "batch" };

const OPEN = { descending: true, having: "open" } as const;

/** Two batches that have not ended, among others and records that are no batches. */
function fill(file: string): DatabaseSync {
  const db = openFile(file, "normal");
  const table = recordTable(db, file);
  for (let at = 0; at < 50; at++) table.put(`batch/${at + 10}`, at % 30 === 7 ? WORKING : ENDED);
  table.put("other/1", { open: "batch" });
  return db;
}

function plan(db: DatabaseSync, prefix: string): string {
  const rows = db.prepare(`EXPLAIN QUERY PLAN ${listText(prefix, OPEN)}`).all({
    prefix,
    end: `${prefix}~`,
    after: null,
    limit: 9,
  });
  return rows.map((row) => String(row["detail"])).join();
}

test("batches that have not ended are found by their index, and follow their records", () => {
  const file = directory.path("indexed.db");
  const db = fill(file);
  const table = recordTable(db, file);
  const open = (): string[] => table.list("batch/", null, 9, OPEN).map(({ key }) => key);
  expect(plan(db, "batch/")).toContain("open_batches");
  expect(open()).toEqual(["batch/47", "batch/17"]);
  table.put("batch/47", ENDED);
  table.put("batch/20", WORKING);
  expect(open()).toEqual(["batch/20", "batch/17"]);
  expect(table.list("", null, 9, OPEN).map(({ key }) => key)).toEqual(["other/1", "batch/20", "batch/17"]);
  db.close();
});

test("a database of an older fanjoin has no index: it answers the same, and its next owner makes one", async () => {
  const file = directory.path("older.db");
  const db = fill(file);
  db.exec("DROP INDEX open_batches");
  db.close();
  const reader = openForReading(file);
  const found = await reader.ledger.list("batch/", null, 9, OPEN);
  expect(found.map(({ key }) => key)).toEqual(["batch/47", "batch/17"]);
  reader.close();
  const owned = openFile(file, "normal");
  expect(plan(owned, "batch/")).toContain("open_batches");
  owned.close();
});
