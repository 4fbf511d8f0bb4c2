import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { claimToken } from "../../../src/batch/submit.ts";
import type { Engine } from "../../../src/local/engine/engine.ts";
import { openDirectory } from "../../../src/local/directory/directory.ts";
import { open } from "../../../src/open/open.ts";
import { begin } from "../engine/batches-run.ts";
import { bench, numbers, specFor } from "../engine/engines.ts";
import type { Bench } from "../engine/engines.ts";

/** Its chunks write outputs that are too long for the database, so each batch has segments. */
const LONG = numbers(40, '(n) => "x".repeat(2000)', "join: collect()");
/** One item fails. */
const FLAWED = LONG.replace("(n) =>", "(n) => { if (n === 7) throw new Error('seven'); return").replace(
  "(2000)",
  "(2000); }",
);

function keys(at: Bench): string[] {
  using db = new DatabaseSync(at.path("state", "state.db"), { readOnly: true });
  return db
    .prepare("SELECT key FROM records ORDER BY key")
    .all()
    .map(({ key }) => String(key));
}

const ofBatch = (at: Bench, batch = "01A"): string[] => keys(at).filter((key) => key.includes(batch));
const names = (at: Bench, ...folder: string[]): string[] => {
  const path = at.path("state", ...folder);
  return existsSync(path) ? readdirSync(path).toSorted() : [];
};

async function ran(at: Bench, text: string, batch = "01A"): Promise<Engine> {
  const engine = await begin(at, text, { batch, items: 4 });
  await engine.finished(batch);
  return engine;
}

test("a batch that succeeded wholly keeps its record and its files; tree, plan and segments go", async () => {
  const at = bench({ partsMs: 0 });
  const engine = await ran(at, LONG);
  await engine.stop();
  expect(ofBatch(at)).toEqual(["batch/01A"]);
  expect(names(at, "segments")).toEqual([]);
  expect(readFileSync(at.path("state/batches/01A/outputs.jsonl"), "utf8").length).toBe(40 * 2003);
  const again = await at.open();
  await again.resume("01A");
  expect(await again.finished("01A")).toMatchObject({ state: "succeeded", totals: { succeeded: 40 } });
  expect(await again.redrive("01A", null)).toBe(false);
});

test("a batch with failed items keeps what its redrive needs, until that has succeeded", async () => {
  const at = bench({ partsMs: 0 });
  const engine = await ran(at, FLAWED);
  expect(names(at, "segments")).toEqual(["01A"]);
  at.write("job.ts", LONG);
  await engine.reload(at.path("job.ts"));
  expect(await engine.redrive("01A", null)).toBe(true);
  expect(await engine.finished("01A")).toMatchObject({ state: "succeeded", totals: { succeeded: 40 } });
  await engine.stop();
  expect(names(at, "segments")).toEqual([]);
  expect(readFileSync(at.path("state/batches/01A/outputs.jsonl"), "utf8").length).toBe(40 * 2003);
});

test("a removed batch leaves nothing behind, its token is free, and the others stay", async () => {
  const at = bench();
  const engine = await ran(at, FLAWED, "01AB");
  const job = await engine.load(at.path("job.ts"));
  const token = { job: job.name, id: "mine", input: "one" };
  expect(await claimToken(engine, token, "01A")).toBe("01A");
  await engine.storeInput("01A", "text");
  await engine.submit(specFor(job, { batch: "01A", items: 4 }));
  await engine.finished("01A");
  const others = { records: ofBatch(at, "01AB"), files: names(at, "batches", "01AB") };
  await engine.remove("01A");
  expect(keys(at).filter((key) => key.includes("01A"))).toEqual(others.records);
  expect(names(at, "batches")).toEqual(["01AB"]);
  expect(names(at, "batches", "01AB")).toEqual(others.files);
  expect(names(at, "segments")).toEqual(["01AB"]);
  expect(await claimToken(engine, { ...token, input: "another" }, "01C")).toBe("01C");
  await expect(engine.remove("01A")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
  await expect(engine.resume("01A")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
  expect(engine.isWorkedOn("01A")).toBe(false);
});

test("a batch that runs is refused, and goes on", async () => {
  const at = bench();
  const engine = await begin(at, numbers(200, "async (n) => n"), { items: 1 });
  const removing = engine.remove("01A");
  await expect(removing).rejects.toMatchObject({
    code: "BATCH_NOT_READY",
    message: expect.stringContaining("cancel it first") as string,
  });
  expect(await engine.finished("01A")).toMatchObject({ state: "succeeded" });
});

test.for(["the removal", "the redrive"])(
  "of a removal and a redrive at the same time one is refused, and nothing is half done: %s first",
  async (first) => {
    const at = bench();
    const engine = await ran(at, FLAWED);
    const calls = [() => engine.remove("01A"), () => engine.redrive("01A", null)];
    const ordered = first === "the removal" ? calls : calls.toReversed();
    const outcomes = await Promise.allSettled(ordered.map((call) => call()));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const left = ofBatch(at).length > 0;
    expect(names(at, "batches")).toEqual(left ? ["01A"] : []);
    const end = left ? await engine.finished("01A") : null;
    expect(end?.["state"]).toBe(left ? "completed-with-failures" : undefined);
  },
);

/** Leaves the directory as a process leaves it that dies after `steps` of a removal. */
async function interrupted(at: Bench, steps: number): Promise<void> {
  const engine = await ran(at, FLAWED);
  await engine.stop();
  const db = new DatabaseSync(at.path("state", "state.db"));
  const rows = db.prepare("SELECT key FROM records WHERE key LIKE '%/01A%'").all();
  const order = ["batch", "node", "partial", "journal", "plan"];
  const sorted = rows
    .map(({ key }) => String(key))
    .toSorted((a, b) => order.indexOf(a.split("/")[0] ?? "") - order.indexOf(b.split("/")[0] ?? ""));
  if (steps > 0) db.exec("INSERT INTO records (key, body) VALUES ('removed/01A', '{}')");
  for (const key of sorted.slice(0, steps)) db.prepare("DELETE FROM records WHERE key = ?").run(key);
  db.close();
}

test.for([1, 2, 5, 100])(
  "a removal that was interrupted after %i records is ended by the next owner",
  async (steps) => {
    const at = bench();
    await interrupted(at, steps);
    const directory = openDirectory(at.path("state"));
    expect(await directory?.ledger.list("batch/", null, 10)).toEqual([]);
    directory?.close();
    await (await at.open()).stop();
    expect(keys(at).filter((key) => key.includes("01A"))).toEqual([]);
    expect(names(at, "batches")).toEqual([]);
    expect(names(at, "segments")).toEqual([]);
  },
);

test("the next owner drops the segments of a batch whose process died before it could", async () => {
  const at = bench({ partsMs: 0 });
  await (await ran(at, LONG)).stop();
  mkdirSync(at.path("state/segments/01A"), { recursive: true });
  writeFileSync(at.path("state/segments/01A/left"), "1");
  await (await at.open()).stop();
  expect(names(at, "segments")).toEqual([]);
  expect(names(at, "batches", "01A")).toContain("outputs.jsonl");
});

test("a removal that names no batch removes nothing", async () => {
  const at = bench();
  await (await ran(at, FLAWED)).stop();
  const db = new DatabaseSync(at.path("state", "state.db"));
  db.exec("INSERT INTO records (key, body) VALUES ('removed/../..', '{}'), ('removed/', '{}')");
  db.close();
  await (await at.open()).stop();
  expect(names(at, "batches", "01A")).toContain("failed.jsonl");
  expect(existsSync(at.path("job.ts"))).toBe(true);
});

test("room is given back: bytes of a batch are counted, and the database shrinks", async () => {
  const at = bench();
  // Accumulators of 6 kB are kept in the database.
  const engine = await ran(
    at,
    numbers(
      4_000,
      "(n) => n",
      "join: fold({ init: () => '', add: () => 'x'.repeat(6000), merge: (a) => a })",
    ),
  );
  await engine.committed();
  const directory = openDirectory(at.path("state"));
  const bytes = directory?.bytesOf("01A") ?? 0;
  directory?.close();
  expect(bytes).toBeGreaterThan(5_000_000);
  await engine.remove("01A");
  await engine.stop();
  expect(statSync(at.path("state/state.db")).size).toBeLessThan(1_000_000);
  expect(existsSync(at.path("state/state.db-wal"))).toBe(false);
});

test("readers of outputs have some time after the end, and as long as they read in this process", async () => {
  const at = bench({ partsMs: 300 });
  const engine = await ran(at, LONG);
  const release = engine.hold("01A");
  expect(names(at, "segments")).toEqual(["01A"]);
  await vi.waitUntil(() => Date.now() > Number(endedAt(at)) + 600);
  expect(names(at, "segments")).toEqual(["01A"]);
  release();
  await vi.waitUntil(() => names(at, "segments").length === 0, 10_000);
  expect(ofBatch(at)).toEqual(["batch/01A"]);
  await engine.stop();
  await using fanjoin = await open({ directory: at.path("state") });
  const batch = await fanjoin.batch("01A");
  const read = async (order: "input" | "completed"): Promise<number> => {
    let read = 0;
    for await (const _ of batch.outputs({ order })) read++;
    return read;
  };
  expect(await read("input")).toBe(40);
  await expect(read("completed")).rejects.toMatchObject({ code: "RESULT_UNKNOWN" });
});

test("a batch whose parts are kept leaves them to the next owner", async () => {
  const at = bench({ partsMs: 60_000 });
  await (await ran(at, LONG)).stop();
  expect(names(at, "segments")).toEqual(["01A"]);
  await (await at.open()).stop();
  expect(names(at, "segments")).toEqual(["01A"]);
});

function endedAt(at: Bench): unknown {
  using db = new DatabaseSync(at.path("state", "state.db"), { readOnly: true });
  const row = db
    .prepare("SELECT json_extract(body, '$.endedAt') AS at FROM records WHERE key = 'batch/01A'")
    .get();
  return row?.["at"];
}
