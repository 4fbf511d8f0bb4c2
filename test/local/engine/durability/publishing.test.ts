/** Files of a batch get their names after the commit that names them: a crash in between loses nothing. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { batchKey } from "../../../../src/core/records/batch/batch.ts";
import { STATE_FILE } from "../../../../src/local/directory/files/own-files.ts";
import { createLocalStore } from "../../../../src/local/store/store.ts";
import { committedLedger } from "../../../../src/local/engine/pumping/committed-ledger.ts";
import type { Ledger } from "../../../../src/ports.ts";
import { temporaryDirectory } from "../../../memory/directory.ts";
import { memoryLedger } from "../../../../src/testing/memory/ledger.ts";
import { bench, numbers, specFor } from "../engines.ts";
import type { Bench } from "../engines.ts";

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

const KEY = batchKey("01A");
const RESULT = { name: "batches/01A/result-abc.json", bytes: 1 };
const ENDED = { endedAt: 1, result: { result: RESULT, outputs: null, failed: null } };
const UPDATE = { key: KEY, when: [], set: { touched: true }, add: {} };

test.for<[string, (ledger: Ledger) => Promise<unknown>, published: boolean]>([
  ["a read", (ledger) => ledger.read([KEY]), true],
  ["a list", (ledger) => ledger.list("batch/", null, 9), true],
  ["an update", (ledger) => ledger.update(UPDATE), false],
])(
  "%s by a request waits for the commit, and so do the files of an ended batch",
  async ([, ask, published]) => {
    const at = temporaryDirectory();
    onTestFinished(() => at.remove());
    mkdirSync(at.path("batches", "01A"), { recursive: true });
    writeFileSync(at.path(RESULT.name), "1");
    const ledger = memoryLedger();
    ledger.records.set(KEY, ENDED);
    const commit = Promise.withResolvers<void>();
    const committed = committedLedger({ ledger, committed: () => commit.promise }, at.path());
    let answered = false;
    const asked = ask(committed).finally(() => (answered = true));
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    expect(existsSync(at.path("batches", "01A", "result.json"))).toBe(false);
    commit.resolve();
    expect(JSON.stringify(await asked)).toContain(RESULT.name);
    expect(existsSync(at.path("batches", "01A", "result.json"))).toBe(published);
  },
);

test("nothing is written into the folder of a batch after its end was announced", async () => {
  const at = bench();
  const engine = await at.open();
  const text = `import { collect, csv, defineJob } from "fanjoin";
    export default defineJob({ name: "rows", input: csv(), process: (row) => row, join: collect() });`;
  const job = await engine.load(at.write("job.ts", text));
  const input = `file://${at.write("rows.csv", ",price\n1,2\n")}`;
  const stat = await createLocalStore({ directory: at.path("state"), segmentName: "none" }).stat(input);
  const sources = [{ name: input, label: "rows.csv", size: 11, version: stat?.version ?? "" }];
  await engine.submit({ ...specFor(job), input: { reader: "csv", options: {}, sources } });
  expect(await engine.finished("01A")).toMatchObject({ error: { code: "INPUT_INVALID" } });
  const files = at.path("state", "batches", "01A");
  const atEnd = readdirSync(files);
  rmSync(files, { recursive: true });
  await engine.submit(specFor(await engine.load(at.write("next.ts", numbers(10))), { batch: "01B" }));
  expect(await engine.finished("01B")).toMatchObject({ state: "succeeded" });
  // One join: a second one would leave files of its own.
  expect(atEnd.toSorted()).toEqual(["history.json", "outputs.jsonl", "result.json"]);
  expect(existsSync(files)).toBe(false);
});
