/**
 * Directories of format 2, in which the batches of a process share its segment files.
 * `fixtures/format-2.json` has a batch with a failed item, one that succeeded, and one whose process was
 * killed; the first and the last read a packed input, so they have a spool.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { createLocalStore } from "../../src/local/store/store.ts";
import { bench } from "./engine/engines.ts";
import type { Bench } from "./engine/engines.ts";

const FAILED = "01M8MC8M2P7PF1FS0RT2JCXRQ7";
const GOOD = "01M8MC8N4X6S0GJK3NTQ1EMARG";
const KILLED = "01M8MC8NSKXA75WCM31805P042";

const JOB = `import { collect, defineJob, fold, lines, sum } from "fanjoin";
  export default defineJob({
    name: "texts", input: lines(), retries: 0, chunk: { items: 4 },
    join: { sum: sum((text) => text.length), all: collect() },
    process: (text) => text,
  });`;

interface Fixture {
  readonly records: { readonly [key: string]: { readonly body: string; readonly sum: number | null } };
  readonly messages: readonly { id: number; queue: string; body: string; receives: number }[];
  readonly files: { readonly [name: string]: string };
  readonly inputs: { readonly [name: string]: string };
}

/** Writes the directory of the fixture, with its inputs and a job in which no item fails. */
async function restore(at: Bench): Promise<void> {
  const text = readFileSync(new URL("fixtures/format-2.json", import.meta.url), "utf8");
  const { records, messages, files, inputs } = JSON.parse(text) as Fixture;
  const job = at.write("job.ts", JOB);
  const store = createLocalStore({ directory: at.path("state"), segmentName: "none" });
  const versions = new Map<string, string>();
  for (const [name, content] of Object.entries(inputs)) {
    writeFileSync(at.path(name), Buffer.from(content, "base64"));
    const { href } = pathToFileURL(at.path(name));
    versions.set(`"@${name}@"`, JSON.stringify(href));
    versions.set(name, (await store.stat(href))?.version ?? "");
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(at.path("state", name)), { recursive: true });
    writeFileSync(at.path("state", name), content);
  }
  using db = new DatabaseSync(at.path("state", "state.db"));
  db.exec(`PRAGMA application_id = 0x666a6f69; PRAGMA user_version = 2;
    CREATE TABLE records (key TEXT PRIMARY KEY, body TEXT NOT NULL, sum INTEGER) STRICT;
    CREATE TABLE messages (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, body TEXT NOT NULL, receives INTEGER NOT NULL) STRICT`);
  const record = db.prepare("INSERT INTO records VALUES (?, ?, ?)");
  for (const [key, { body, sum }] of Object.entries(records)) {
    const [, input = ""] = /"@([^"]+\.(?:gz|txt))@"/.exec(body) ?? [];
    const local = body
      .replace("@JOB@", job)
      .replace(`"@${input}@"`, versions.get(`"@${input}@"`) ?? "")
      .replace("@VERSION@", versions.get(input) ?? "");
    record.run(key, local, sum);
  }
  const message = db.prepare("INSERT INTO messages VALUES (?, ?, ?, ?)");
  for (const { id, queue, body, receives } of messages) message.run(id, queue, body, receives);
}

const segments = (at: Bench): string[] => readdirSync(at.path("state", "segments")).toSorted();
const outputs = (at: Bench, batch: string): string[] =>
  readFileSync(at.path("state", "batches", batch, "outputs.jsonl"), "utf8")
    .trimEnd()
    .split("\n");

test("a batch with shared segments and a spool is redriven, and its own new ones are dropped at the end", async () => {
  const at = bench({ partsMs: 0 });
  await restore(at);
  const shared = segments(at);
  const engine = await at.open();
  await engine.resume(FAILED);
  expect(await engine.finished(FAILED)).toMatchObject({ state: "completed-with-failures" });
  expect(await engine.redrive(FAILED, null)).toBe(true);
  expect(await engine.finished(FAILED)).toMatchObject({ state: "succeeded", totals: { succeeded: 20 } });
  await engine.stop();
  expect(outputs(at, FAILED)).toHaveLength(20);
  expect(segments(at)).toEqual(shared);
});

test("a batch whose process was killed goes on with its shared spool", async () => {
  const at = bench();
  await restore(at);
  const engine = await at.open();
  await engine.resume(KILLED);
  expect(await engine.finished(KILLED)).toMatchObject({ totals: { succeeded: 19, failed: 1 } });
  expect(outputs(at, KILLED)).toHaveLength(19);
});

test("shared segments go with the last of the batches that may have used them", async () => {
  const at = bench();
  await restore(at);
  const shared = segments(at);
  const engine = await at.open();
  await engine.remove(FAILED);
  expect(existsSync(at.path("state", "batches", FAILED))).toBe(false);
  await engine.remove(GOOD);
  expect(segments(at)).toEqual(shared);
  await engine.resume(KILLED);
  await engine.finished(KILLED);
  await engine.remove(KILLED);
  expect(segments(at)).toEqual([]);
});
