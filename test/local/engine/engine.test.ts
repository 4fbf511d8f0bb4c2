import { existsSync, readFileSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { parseFailedLine } from "../../../src/core/failed-line.ts";
import type { FailedLine } from "../../../src/core/failed-line.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import type { Totals } from "../../../src/core/records/tree.ts";
import { STATE_FILE, requestCancel } from "../../../src/local/directory/directory.ts";
import { openEngine } from "../../../src/local/engine/open-engine.ts";
import type { Engine } from "../../../src/local/engine/engine.ts";
import { createThreadJournal } from "../../../src/local/threads/thread-journal.ts";
import { createLocalStore } from "../../../src/local/store/store.ts";
import type { BatchFiles } from "../../../src/batch/files.ts";
import { bench, numbers, specFor } from "./engines.ts";
import type { Bench, RangeBatch } from "./engines.ts";

interface Joined {
  readonly order: string;
  readonly sum: number;
}

function valueOf(fields: Fields): Joined {
  const { result } = fields["result"] as unknown as BatchFiles;
  return result?.value as unknown as Joined;
}

function upTo(n: number): Joined {
  const all = Array.from({ length: n }, (_, i) => i);
  return { order: all.map((i) => `${i},`).join(""), sum: (n * (n - 1)) / 2 };
}

async function begin(at: Bench, text: string, options: RangeBatch = {}, concurrency = 2): Promise<Engine> {
  const engine = await at.open(concurrency);
  const job = await engine.load(at.write("job.ts", text));
  await engine.submit(specFor(job, options));
  return engine;
}

/** The result is that of exactly the items that are counted, in order, and all of them are below `limit`. */
function expectExactlySettled(fields: Fields, limit: number): void {
  const { order, sum } = valueOf(fields);
  const items = order.split(",").slice(0, -1).map(Number);
  expect(items).toEqual(items.toSorted((a, b) => a - b));
  expect(new Set(items).size).toBe(items.length);
  expect(items.every((item) => item < limit)).toBe(true);
  expect(sum).toBe(items.reduce((a, b) => a + b, 0));
  expect((fields["totals"] as unknown as Totals).succeeded).toBe(items.length);
}

const CHUNK = {
  kind: "chunk",
  batch: "01A",
  generation: 0,
  attempt: 1,
  source: 0,
  start: 39,
  end: 40,
} as const;

/** From item 4 on it loops for half a minute, and says so. */
const DEAF = `(n, ctx) => {
  if (n >= 4) {
    ctx.log.info("deaf");
    for (const end = Date.now() + 30_000; Date.now() < end;);
  }
  return n;
}`;

const hangingLines = `import { count, defineJob, lines } from "fanjoin";
  export default defineJob({ name: "l", input: lines(), join: count(), process: () => new Promise(() => {}) });`;

async function until(true_: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await true_())) await new Promise((resolve) => setTimeout(resolve, 5));
}

function failedLines(at: Bench, batch = "01A"): FailedLine[] {
  const text = readFileSync(at.path("state", "batches", batch, "failed.jsonl"), "utf8");
  return text.trimEnd().split("\n").map(parseFailedLine);
}

test("a batch is joined in order, published, and its files are where users look for them", async () => {
  const at = bench();
  const engine = await begin(at, numbers(1000), { items: 3 });
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "succeeded", chunks: 334 });
  expect(valueOf(fields)).toEqual(upTo(1000));
  expect(JSON.parse(readFileSync(at.path("state", "batches", "01A", "result.json"), "utf8"))).toEqual(
    upTo(1000),
  );
  expect(engine.progress("01A")).toMatchObject({ totals: { chunks: 334, succeeded: 1000 }, units: 1000 });
});

test("cancel ends a running batch with what was joined by then", async () => {
  const at = bench();
  const slow = "async (n) => { if (n >= 20) await new Promise(() => {}); return n; }";
  const engine = await begin(at, numbers(1000, slow), { items: 1 });
  await until(() => engine.progress("01A").totals.chunks > 0);
  expect(await engine.cancel("01A")).toBe(true);
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "cancelled", error: { code: "CANCELLED" } });
  expectExactlySettled(fields, 20);
  expect(await engine.cancel("01A")).toBe(false);
});

test("a cancelled batch does not wait for code that never looks up, and its threads are fit for the next batch", async () => {
  const at = bench();
  const engine = await begin(at, numbers(50, DEAF), { items: 1 });
  await until(() => at.log.some(({ message }) => message === "deaf"));
  await engine.cancel("01A");
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "cancelled" });
  expectExactlySettled(fields, 4);
  const spec = specFor(await engine.load(at.path("job.ts")), { batch: "01B", items: 1 });
  const sources = [{ name: "", label: "range", size: 4, version: "" }];
  await engine.submit({ ...spec, input: { ...spec.input, sources } });
  expect(valueOf(await engine.finished("01B"))).toEqual(upTo(4));
});

test("a cancelled batch does not wait for code that blocks outside of JavaScript", async () => {
  const at = bench();
  const returned = at.path("returned");
  const blocked = `(n, ctx) => { if (n >= 4) ctx.log.info("blocked"); if (n >= 4) execSync("sleep 2; touch ${returned}"); return n; }`;
  const text = `import { execSync } from "node:child_process";${numbers(50, blocked)}`;
  const engine = await begin(at, text, { items: 1 });
  await until(() => at.log.some(({ message }) => message === "blocked"));
  await engine.cancel("01A");
  const fields = await engine.finished("01A");
  expect(existsSync(returned)).toBe(false);
  expectExactlySettled(fields, 4);
});

test("items that end their thread are failed items, however many a chunk holds, and their neighbours are processed", async () => {
  const at = bench();
  const deadly = (n: number): boolean => n % 2 === 1 && n < 12;
  const engine = await begin(at, numbers(30, "(n) => { if (n % 2 && n < 12) process.exit(3); return n; }"), {
    items: 30,
  });
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({
    state: "completed-with-failures",
    totals: { chunks: 1, broken: 0, succeeded: 24, failed: 6 },
  });
  const left = Array.from({ length: 30 }, (_, n) => n).filter((n) => !deadly(n));
  expect(valueOf(fields).order).toBe(left.map((n) => `${n},`).join(""));
  expect(failedLines(at).every(({ code }) => code === "ITEM_CRASHED")).toBe(true);
});

test("a chunk that ends its thread while none of its items is open is given up alone, and its neighbours are processed", async () => {
  const at = bench();
  const text = `import { defineJob, fold, range } from "fanjoin";
    const deadly = { get text() { return process.exit(3); } };
    const join = fold({ init: () => 0, add: (acc, n) => n === 4 ? deadly : acc + n, merge: (a, b) => a + b });
    export default defineJob({ name: "deadly", input: range(10), process: (n) => n, join });`;
  const engine = await begin(at, text, { items: 1 });
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({
    state: "completed-with-failures",
    totals: { chunks: 10, broken: 1, succeeded: 9, failed: 0 },
  });
  expect(failedLines(at)).toMatchObject([{ code: "CHUNK_FAILED", chunk: 4, range: { start: 4, end: 5 } }]);
});

test("a rejection that nobody handles is the item's that left it, and not its neighbour's", async () => {
  const at = bench();
  const floating =
    "(n) => { if (n === 3) void Promise.reject(new Error('nobody waits for me')); return new Promise((resolve) => setTimeout(resolve, 5, n)); }";
  const engine = await begin(at, numbers(10, floating, "concurrency: 10"), { items: 10 });
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({
    state: "completed-with-failures",
    totals: { broken: 0, succeeded: 9, failed: 1 },
  });
  expect(failedLines(at)).toMatchObject([
    { index: 3, code: "ITEM_FAILED", error: { name: "Error", message: "nobody waits for me" } },
  ]);
});

test("what an item that has ended leaves behind is logged with its place, and costs nobody anything", async () => {
  const at = bench();
  const late =
    "async (n) => { if (n === 3) setTimeout(() => { throw new Error('late') }, 2); await new Promise((resolve) => setTimeout(resolve, n === 3 ? 0 : 5)); return n; }";
  const engine = await begin(at, numbers(10, late), { items: 10 });
  expect(await engine.finished("01A")).toMatchObject({ state: "succeeded", totals: { succeeded: 10 } });
  expect(at.log.map(({ message }) => message)).toContainEqual(
    "range, chunk 0, item 3 of it had ended when it left an error that nobody caught: Error: late",
  );
});

test("an item that calls process.exit after it has ended is blamed for it, not the one that is open then", async () => {
  const at = bench();
  const late =
    "async (n) => { if (n === 2) setTimeout(() => process.exit(3), 10); await new Promise((resolve) => setTimeout(resolve, 4)); return n; }";
  const engine = await begin(at, numbers(12, late), { items: 12 });
  expect(await engine.finished("01A")).toMatchObject({ totals: { succeeded: 11, failed: 1, broken: 0 } });
  expect(failedLines(at)).toMatchObject([{ index: 2, code: "ITEM_CRASHED" }]);
});

test("code of an item that ran out of time does not cost the one that is open when it blocks the thread", async () => {
  const at = bench();
  const overdue = `async (n) => {
    await new Promise((resolve) => setTimeout(resolve, n === 2 ? 150 : 20));
    if (n === 2) for (;;);
    return n;
  }`;
  const engine = await begin(at, numbers(12, overdue, "itemTimeoutMs: 100"), { items: 12 });
  expect(await engine.finished("01A")).toMatchObject({ totals: { succeeded: 11, failed: 1, broken: 0 } });
  expect(failedLines(at)).toMatchObject([{ index: 2, code: "ITEM_TIMEOUT" }]);
});

test("a batch that was stopped goes on where it was, with the same result", async () => {
  const at = bench();
  const slow = "async (n) => { await new Promise((resolve) => setTimeout(resolve, 2)); return n; }";
  const first = await begin(at, numbers(400, slow), { items: 2 });
  await until(() => first.progress("01A").totals.chunks >= 30);
  await first.stop();
  const second = await at.open();
  await second.resume("01A");
  expect(second.progress("01A").totals.chunks).toBeGreaterThanOrEqual(30);
  const fields = await second.finished("01A");
  expect(fields).toMatchObject({ state: "succeeded", totals: { chunks: 200, succeeded: 400 } });
  expect(valueOf(fields)).toEqual(upTo(400));
});

test("a chunk that was open in two processes that died is run in a child, whatever its message says", async () => {
  const at = bench();
  const telling =
    "async (n, ctx) => { ctx.log.info(n + ' in ' + process.pid); await new Promise((r) => setTimeout(r, 20)); return n; }";
  const first = await begin(at, numbers(40, telling), { items: 1 });
  await until(() => first.progress("01A").totals.chunks > 0);
  await first.stop();
  for (const name of ["one", "two"]) {
    // As a thread that died with its process leaves it.
    createThreadJournal(at.path("state"), name).begin(1, [{ ...CHUNK, chunk: 39 }]);
    await (await at.open()).stop();
  }
  const last = await at.open();
  await last.resume("01A");
  expect(await last.finished("01A")).toMatchObject({ state: "succeeded", totals: { succeeded: 40 } });
  const ran = at.log.map(({ message }) => message);
  expect(ran).toContain(`38 in ${process.pid}`);
  expect(ran.filter((message) => message.startsWith("39 in "))).toHaveLength(1);
  expect(ran).not.toContain(`39 in ${process.pid}`);
});

test("stopping twice is stopping once, and both callers wait for it", async () => {
  const at = bench();
  const engine = await begin(at, numbers(1000), { items: 1 });
  await Promise.all([engine.stop(), engine.stop()]);
  await expect(at.open()).resolves.toHaveProperty("resume");
});

test("stopping does not wait for code that never looks up", async () => {
  const at = bench();
  const engine = await begin(at, numbers(50, DEAF), { items: 1 });
  await until(() => at.log.some(({ message }) => message === "deaf"));
  await engine.stop();
  expect(at.log.filter(({ level }) => level === "error")).toEqual([]);
});

test("a second engine on the directory is told who holds it", async () => {
  const at = bench();
  await at.open();
  await expect(openEngine({ directory: at.path("state"), concurrency: 1 })).rejects.toMatchObject({
    code: "DIRECTORY_IN_USE",
    message: expect.stringContaining(String(process.pid)) as string,
  });
});

test("a batch that was left over lies dormant until it is resumed", async () => {
  const at = bench();
  const first = await begin(
    at,
    numbers(100, "async (n) => { await new Promise((r) => setTimeout(r, 5)); return n; }"),
    { items: 1 },
  );
  await until(() => first.progress("01A").totals.chunks > 0);
  await first.stop();
  const second = await at.open();
  const job = await second.load(at.write("other.ts", numbers(10)));
  await second.submit(specFor(job, { batch: "01B" }));
  await second.finished("01B");
  const [before] = await second.ledger.read(["batch/01A"]);
  expect(before?.["endedAt"]).toBeUndefined();
  await second.resume("01A");
  expect(valueOf(await second.finished("01A"))).toEqual(upTo(100));
});

test("a batch that has ended is finished at once when it is resumed", async () => {
  const at = bench();
  const first = await begin(at, numbers(10));
  await first.finished("01A");
  await first.stop();
  const second = await at.open();
  await second.resume("01A");
  expect(await second.finished("01A")).toMatchObject({ state: "succeeded" });
});

test("an unfinished batch is resumed only with the input that it was planned from, unless it is to end", async () => {
  const at = bench();
  const input = at.write("in.txt", "one\ntwo\n");
  const first = await at.open();
  const job = await first.load(at.write("lines.ts", hangingLines));
  const spec = specFor(job);
  const stat = await createLocalStore({ directory: at.path("state"), segmentName: "none" }).stat(
    `file://${input}`,
  );
  const source = { name: `file://${input}`, label: "in.txt", size: 8, version: stat?.version ?? "" };
  await first.submit({ ...spec, input: { reader: "lines", options: {}, sources: [source] } });
  await first.stop();

  at.write("in.txt", "one\nother\n");
  const second = await at.open();
  await expect(second.resume("01A")).rejects.toMatchObject({ code: "INPUT_CHANGED" });
  rmSync(input);
  await expect(second.resume("01A")).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
  await second.cancel("01A");
  expect(await second.finished("01A")).toMatchObject({ state: "cancelled" });
  await second.stop();
  const third = await at.open();
  expect(await third.cancel("01A")).toBe(false);
  expect(await third.finished("01A")).toMatchObject({ state: "cancelled" });
});

test("an input that is replaced while a batch runs ends it", async () => {
  const at = bench();
  const engine = await at.open();
  const job = await engine.load(at.write("lines.ts", hangingLines));
  const source = {
    name: `file://${at.write("in.txt", "one\n")}`,
    label: "in.txt",
    size: 4,
    version: "another",
  };
  await engine.submit({ ...specFor(job), input: { reader: "lines", options: {}, sources: [source] } });
  expect(await engine.finished("01A")).toMatchObject({ state: "failed", error: { code: "INPUT_CHANGED" } });
});

test("a batch that nobody has is not resumed", async () => {
  const engine = await bench().open();
  await expect(engine.resume("01C")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
});

test("a left-over batch that another process wants cancelled is brought to its end", async () => {
  const at = bench();
  const first = await begin(
    at,
    numbers(100, "async (n) => { if (n > 3) await new Promise(() => {}); return n; }"),
    { items: 1 },
  );
  await until(() => first.progress("01A").totals.chunks > 0);
  await first.stop();
  const second = await at.open();
  requestCancel(at.path("state"), "01A");
  await until(async () => (await second.ledger.read(["batch/01A"]))[0]?.["endedAt"] !== undefined);
  const fields = await second.finished("01A");
  expect(fields).toMatchObject({ state: "cancelled" });
  expectExactlySettled(fields, 4);
});

test("a deadline ends the batch with what was joined by then", async () => {
  const at = bench();
  const slow = "async (n) => { if (n >= 5) await new Promise(() => {}); return n; }";
  const engine = await begin(at, numbers(100, slow), { items: 1, deadlineMs: 500 });
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "failed", error: { code: "DEADLINE_EXCEEDED" } });
  expectExactlySettled(fields, 5);
});

test("more failed items than are tolerated end the batch at once", async () => {
  const at = bench();
  const bad = "async (n) => { if (n < 3) throw new TypeError('bad'); await new Promise(() => {}); }";
  const engine = await begin(at, numbers(100, bad, "tolerate: { count: 2 }"), { items: 1 });
  expect(await engine.finished("01A")).toMatchObject({
    state: "failed",
    error: { code: "TOO_MANY_FAILURES", message: "3 items failed, the job tolerates 2" },
  });
});

test("what jobs print is their log, and never on the engine's own standard output", async () => {
  const at = bench();
  const engine = await begin(
    at,
    numbers(3, "(n, ctx) => { console.log('printed ' + n); ctx.log.warn('logged', { n }); return n; }"),
  );
  await engine.finished("01A");
  await until(() => at.log.some(({ message }) => message.includes("printed 2")));
  expect(at.log).toContainEqual({ level: "warn", message: "logged", fields: { n: 2 } });
});

test("200,000 chunks never lie in the queue all at once", async () => {
  const at = bench();
  const engine = await at.open();
  const job = await engine.load(
    at.write(
      "job.ts",
      `import { defineJob, range, sum } from "fanjoin"; export default defineJob({ name: "n", input: range(200000), join: sum(), process: (n) => n });`,
    ),
  );
  const queue = engine.queue as Engine["queue"] & {
    waiting(name: string): number;
    inFlight(name: string): number;
  };
  let most = 0;
  const look = setInterval(() => {
    most = Math.max(most, queue.waiting("worker") + queue.inFlight("worker"));
  }, 1);
  await engine.submit(specFor(job, { items: 1 }));
  const fields = await engine.finished("01A");
  clearInterval(look);
  expect(fields).toMatchObject({ state: "succeeded", chunks: 200_000 });
  expect((fields["result"] as unknown as BatchFiles).result?.value).toBe((200_000 * 199_999) / 2);
  // Four bundles of 64 chunks for each of two threads, the entry that was being sent, and the bundles on
  // their way.
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(2000);
});

test("a directory that cannot be opened is left unlocked", async () => {
  const at = bench();
  at.write(`state/${STATE_FILE}`, "this is not a database, and long enough to be looked at: ".repeat(20));
  await expect(at.open()).rejects.toMatchObject({ code: "DIRECTORY_UNUSABLE" });
  at.write(`state/${STATE_FILE}`, "");
  await (await at.open()).stop();
});
