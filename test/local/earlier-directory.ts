/** State directories that an earlier version left behind, from the fixtures. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import type { Fields } from "../../src/core/records/record.ts";
import type { Engine } from "../../src/local/engine/engine.ts";
import { createLocalStore } from "../../src/local/store/store.ts";
import type { Bench } from "./engine/engines.ts";

const JOB = `import { collect, defineJob, fold, lines, sum } from "fanjoin";
  export default defineJob({
    name: "texts", input: lines(), retries: 0, chunk: { items: 4 },
    join: { sum: sum((text) => text.length), all: collect() },
    process: (text) => text,
  });`;

const KEPT = "state/";

interface Fixture {
  readonly records: { readonly [key: string]: { readonly body: string; readonly sum: number | null } };
  readonly messages: readonly { id: number; queue: string; body: string; receives: number }[];
  readonly files: { readonly [name: string]: string };
  readonly inputs: { readonly [name: string]: string };
}

/**
 * Writes the directory of `fixtures/format-<format>.json`, with its inputs and a job in which no item fails.
 * Inputs below `state/` are in the directory.
 */
export async function restoreTexts(at: Bench, format: 2 | 3 | 4 | 5, code = JOB): Promise<void> {
  const text = readFileSync(new URL(`fixtures/format-${format}.json`, import.meta.url), "utf8");
  const { records, messages, files, inputs } = JSON.parse(text) as Fixture;
  const job = at.write("job.ts", code);
  const store = createLocalStore({ directory: at.path("state"), segmentName: "none" });
  const versions = new Map<string, string>();
  for (const [name, content] of Object.entries(inputs)) {
    const { href } = pathToFileURL(at.path(name));
    mkdirSync(dirname(at.path(name)), { recursive: true });
    writeFileSync(at.path(name), Buffer.from(content, "base64"));
    versions.set(`"@${name}@"`, JSON.stringify(href));
    versions.set(
      name,
      (await store.stat(name.startsWith(KEPT) ? name.slice(KEPT.length) : href))?.version ?? "",
    );
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(at.path("state", name)), { recursive: true });
    writeFileSync(at.path("state", name), content);
  }
  using db = new DatabaseSync(at.path("state", "state.db"));
  db.exec(`PRAGMA application_id = 0x666a6f69; PRAGMA user_version = ${format};
    CREATE TABLE records (key TEXT PRIMARY KEY, body TEXT NOT NULL, sum INTEGER) STRICT;
    CREATE TABLE messages (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, body TEXT NOT NULL, receives INTEGER NOT NULL) STRICT`);
  const record = db.prepare("INSERT INTO records VALUES (?, ?, ?)");
  for (const [key, { body, sum }] of Object.entries(records)) {
    const [, kept] = /"(batches\/[^"]+\/pulled-\d+)"/.exec(body) ?? [];
    const [, named = ""] = /"@([^"]+\.(?:gz|txt|parquet))@"/.exec(body) ?? [];
    const input = kept === undefined ? named : `${KEPT}${kept}`;
    const local = body
      .replace("@JOB@", job)
      .replace(`"@${input}@"`, versions.get(`"@${input}@"`) ?? "")
      .replace("@VERSION@", versions.get(input) ?? "");
    record.run(key, local, sum);
  }
  const message = db.prepare("INSERT INTO messages VALUES (?, ?, ?, ?)");
  for (const { id, queue, body, receives } of messages) message.run(id, queue, body, receives);
}

/** Redrives a batch of these texts, one item of which had failed. Returns its end. */
export async function redriven(engine: Engine, batch: string): Promise<Fields> {
  await engine.resume(batch);
  expect(await engine.finished(batch)).toMatchObject({ state: "completed-with-failures" });
  expect(await engine.redrive(batch, null)).toBe(true);
  return engine.finished(batch);
}
