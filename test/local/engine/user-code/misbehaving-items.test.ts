import { expect, test } from "vitest";
import { createThreadJournal } from "../../../../src/local/threads/thread-journal.ts";
import { bench, numbers } from "../engines.ts";
import { CHUNK, begin, failedLines, until, valueOf } from "../batches-run.ts";

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

test("an unhandled rejection fails the item that left it, and not its neighbour", async () => {
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

test("a late error of an item that has ended is logged with its place, and fails no item", async () => {
  const at = bench();
  const late =
    "async (n) => { if (n === 3) setTimeout(() => { throw new Error('late') }, 2); await new Promise((resolve) => setTimeout(resolve, n === 3 ? 0 : 5)); return n; }";
  const engine = await begin(at, numbers(10, late), { items: 10 });
  expect(await engine.finished("01A")).toMatchObject({ state: "succeeded", totals: { succeeded: 10 } });
  expect(at.log.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(
      /^range, chunk 0, item 3 of it had ended when it left an error that nobody caught: late, at .*job\.ts:\d/,
    ),
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

test("an item that blocks a thread in which several chunks are open is ended, and fails alone", async () => {
  const at = bench();
  // The first item is awaited while the second chunk runs.
  const blocking =
    "async (n) => { if (n === 0) await new Promise((resolve) => setTimeout(resolve, 100)); if (n === 2) for (;;); return n; }";
  const engine = await begin(at, numbers(4, blocking, "concurrency: 4, itemTimeoutMs: 300"), { items: 2 });
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ totals: { chunks: 2, broken: 0, succeeded: 3, failed: 1 } });
  expect(failedLines(at)).toMatchObject([{ chunk: 1, code: "ITEM_TIMEOUT" }]);
});
