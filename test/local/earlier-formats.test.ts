/**
 * State directories of earlier formats. `fixtures/format-1.json` is what the last version of that format left
 * behind: a batch that ended, one that was cancelled while it was planned, and one whose process was killed.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { BatchFiles } from "../../src/batch/summary/files.ts";
import type { Fields } from "../../src/core/records/record.ts";
import { open } from "../../src/open/open.ts";
import { bench, numbers } from "./engine/engines.ts";
import type { Bench } from "./engine/engines.ts";

const ENDED = "01M8M2MNCX0W322Y5PHFVJ9M35";
const CANCELLED = "01M8M2MP057B2E2JZ4GT48KJGW";
const KILLED = "01M8M2MSFYYRTASQE4G2JPS3KW";

interface Fixture {
  readonly records: { readonly [key: string]: string };
  readonly messages: readonly { id: number; queue: string; body: string; receives: number }[];
  readonly files: { readonly [name: string]: string };
}

/** Writes the directory of the fixture. The job's file is another one, and the deadlines are far away. */
function restore(at: Bench, items: number): string {
  const text = readFileSync(new URL("fixtures/format-1.json", import.meta.url), "utf8");
  const { records, messages, files } = JSON.parse(text) as Fixture;
  const join = "{ sum: sum(), all: collect() }";
  const job = at.write("job.ts", numbers(items, "(n) => n", `join: ${join}, chunk: { items: 4 }`));
  for (const [name, content] of Object.entries(files)) write(at.path("state", name), content);
  const file = at.path("state", "state.db");
  mkdirSync(dirname(file), { recursive: true });
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA application_id = 0x666a6f69; PRAGMA user_version = 1;
    CREATE TABLE records (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
    CREATE TABLE messages (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, body TEXT NOT NULL, receives INTEGER NOT NULL) STRICT`);
  const record = db.prepare("INSERT INTO records VALUES (?, ?)");
  for (const [key, body] of Object.entries(records))
    record.run(key, body.replace("@JOB@", job).replace(/"deadlineAt":\d+/, '"deadlineAt":8000000000000'));
  const message = db.prepare("INSERT INTO messages VALUES (?, ?, ?, ?)");
  for (const { id, queue, body, receives } of messages) message.run(id, queue, body, receives);
  db.close();
  return file;
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

const resultOf = (fields: Fields): unknown =>
  (fields["result"] as { result: { value: unknown } }).result.value;

test("a batch that ended stays readable, and its failed item can be redriven", async () => {
  const at = bench();
  restore(at, 40);
  const engine = await at.open();
  await engine.resume(ENDED);
  expect(await engine.finished(ENDED)).toMatchObject({ state: "completed-with-failures" });
  expect(await engine.redrive(ENDED, null)).toBe(true);
  const fields = await engine.finished(ENDED);
  expect(fields).toMatchObject({ state: "succeeded", chunks: 10, totals: { succeeded: 40 } });
  expect(resultOf(fields)).toMatchObject({ sum: (40 * 39) / 2, all: 40 });
});

test("the failed items of a batch that ended have no groups; a redrive in which they fail again groups them", async () => {
  const at = bench();
  restore(at, 40);
  const engine = await at.open();
  await engine.resume(ENDED);
  const failuresOf = (fields: Fields): unknown =>
    (fields["result"] as unknown as BatchFiles).failed?.failures ?? null;
  expect(failuresOf(await engine.finished(ENDED))).toBeNull();
  const join = "join: { sum: sum(), all: collect() }, chunk: { items: 4 }";
  at.write("job.ts", numbers(40, "(n) => { throw new TypeError('never ' + n); }", join));
  await engine.redrive(ENDED, null);
  const fields = await engine.finished(ENDED);
  expect(fields).toMatchObject({ totals: { succeeded: 39, failed: 1 } });
  expect(failuresOf(fields)).toMatchObject({
    groups: [{ code: "ITEM_FAILED", class: "TypeError", count: 1 }],
    others: 0,
  });
});

test("a batch that was cancelled while it was planned is planned to its end by a redrive", async () => {
  const at = bench();
  restore(at, 4_000);
  const engine = await at.open();
  expect(await engine.redrive(CANCELLED, null)).toBe(true);
  const fields = await engine.finished(CANCELLED);
  expect(fields).toMatchObject({ state: "succeeded", chunks: 1_000, totals: { succeeded: 4_000, lost: 0 } });
  expect(resultOf(fields)).toMatchObject({ sum: (4_000 * 3_999) / 2, all: 4_000 });
});

test("a batch whose process was killed goes on", async () => {
  const at = bench();
  restore(at, 4_000);
  const engine = await at.open();
  await engine.resume(KILLED);
  const fields = await engine.finished(KILLED);
  expect(fields).toMatchObject({ chunks: 1_000, totals: { succeeded: 3_999, failed: 1 } });
});

test("the directory has the newest format once a process has owned it, so that older ones refuse it", async () => {
  const at = bench();
  const file = restore(at, 40);
  await (await at.open()).stop();
  const db = new DatabaseSync(file, { readOnly: true });
  expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: 5 });
  db.close();
});

function outputsIn(at: Bench, batch: string): number[] {
  const text = readFileSync(at.path("state", "batches", batch, "outputs.jsonl"), "utf8");
  return text.trimEnd().split("\n").map(Number);
}

test("a directory that no owner has brought to the present format can be looked at", async () => {
  const at = bench();
  const file = restore(at, 40);
  await using fanjoin = await open({ directory: at.path("state") });
  const batches = await Array.fromAsync(fanjoin.list());
  expect(batches.map(({ batch }) => batch)).toEqual([KILLED, CANCELLED, ENDED]);
  const db = new DatabaseSync(file, { readOnly: true });
  expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1 });
  db.close();
});

test("outputs are read of batches that an earlier version ran, cancelled and left unfinished", async () => {
  const at = bench();
  restore(at, 4_000);
  await using fanjoin = await open({ directory: at.path("state"), threads: 2 });
  for (const id of [ENDED, CANCELLED]) {
    const batch = await fanjoin.batch(id);
    const outputs = outputsIn(at, id);
    expect(await Array.fromAsync(batch.outputs())).toEqual(outputs);
    const completed = await Array.fromAsync(batch.outputs({ order: "completed" }));
    expect(completed.map(Number).toSorted((one, other) => one - other)).toEqual(outputs);
  }
  const killed = await fanjoin.batch(KILLED);
  await killed.resume({ job: at.path("job.ts") });
  const outputs = await Array.fromAsync(killed.outputs());
  expect((await killed.ended()).items).toMatchObject({ total: 4_000, succeeded: outputs.length });
  expect(outputs).toEqual(outputsIn(at, KILLED));
});
