/** A batch's files get their names only after the commit that names them: a crash in between loses nothing. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { batchKey } from "../../../src/core/records/batch.ts";
import { STATE_FILE } from "../../../src/local/directory/directory.ts";
import { committedLedger } from "../../../src/local/engine/committed-ledger.ts";
import { temporaryDirectory } from "../../memory/directory.ts";
import { memoryLedger } from "../../memory/ledger.ts";
import { bench, numbers, specFor } from "./engines.ts";
import type { Bench } from "./engines.ts";

/** From now on the database does not take the record of a batch that has ended, as if the disk were full. */
function refuseTheEnd(at: Bench): void {
  using state = new DatabaseSync(at.path("state", STATE_FILE));
  state.exec(
    `CREATE TRIGGER full BEFORE INSERT ON records WHEN NEW.body LIKE '%"endedAt":%'
     BEGIN SELECT RAISE(ABORT, 'full'); END`,
  );
}

/** Goes on in `then` as soon as the file is there. */
const waitFor = (path: string): string =>
  `async (n) => { while (!existsSync(${JSON.stringify(path)})) await new Promise((r) => setTimeout(r, 2)); return n; }`;

test("a result whose commit fails is not published", async () => {
  const at = bench();
  const engine = await at.open();
  const text = `import { existsSync } from "node:fs"; ${numbers(3, waitFor(at.path("go")))}`;
  await engine.submit(specFor(await engine.load(at.write("job.ts", text))));
  const finished = engine.finished("01A");
  refuseTheEnd(at);
  at.write("go", "");
  const files = at.path("state", "batches", "01A");
  const written = (): string[] => (existsSync(files) ? readdirSync(files) : []);
  await expect(finished).rejects.toMatchObject({ code: "DIRECTORY_UNUSABLE" });
  expect(written()).toEqual([expect.stringMatching(/^result-.+\.json$/u)]);
});

test("a request that reads an ended batch is answered, and its files are published, after the commit", async () => {
  const at = temporaryDirectory();
  onTestFinished(() => at.remove());
  mkdirSync(at.path("batches", "01A"), { recursive: true });
  const ledger = memoryLedger();
  const key = batchKey("01A");
  const result = { name: "batches/01A/result-abc.json", bytes: 1 };
  const ended = { endedAt: 1, result: { result, outputs: null, failed: null } };
  ledger.records.set(key, ended);
  const update = { key, when: [], set: { seen: true }, add: {} };
  const answers = {
    read: { ask: () => waiting.read([key]), answer: [ended] },
    list: { ask: () => waiting.list("batch/", null, 9), answer: [{ key, fields: ended }] },
    update: { ask: () => waiting.update(update), answer: { applied: true } },
  };
  let commit = Promise.withResolvers<void>();
  const waiting = committedLedger({ ledger, committed: () => commit.promise }, at.path());
  for (const [name, { ask, answer }] of Object.entries(answers)) {
    commit = Promise.withResolvers();
    writeFileSync(at.path(result.name), name);
    let answered = false;
    const asked = ask().finally(() => (answered = true));
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    expect(existsSync(at.path(result.name))).toBe(true);
    commit.resolve();
    expect(await asked).toMatchObject(answer);
    if (name !== "update") {
      expect(readFileSync(at.path("batches", "01A", "result.json"), "utf8")).toBe(name);
    }
  }
});
