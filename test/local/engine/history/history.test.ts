import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { BatchHistory, ExactTimeline } from "../../../../src/core/history/history.ts";
import { readHistory } from "../../../../src/local/directory/files/history-file.ts";
import type { SeenNow } from "../../../../src/local/engine/history/histories.ts";
import { bench, numbers, specFor } from "../engines.ts";
import { begin } from "../batches-run.ts";

/** Of a batch of few chunks. */
function exact(history: BatchHistory | undefined): ExactTimeline {
  if (history?.timeline?.form !== "exact") throw new Error("the history has no marks of its own");
  return history.timeline;
}

const sum = (numbersOf: readonly number[]): number => numbersOf.reduce((all, one) => all + one, 0);

test("the history of a batch that has ended has all of its items and chunks, and is kept beside its files", async () => {
  const at = bench();
  const odd = `(n) => { if (n % 10 === 3) throw new RangeError("no " + (n % 20)); return n; }`;
  const engine = await begin(at, numbers(100, odd), { items: 5 });
  await engine.finished("01A");
  const { history, failures } = readHistory(at.path("state"), "01A") ?? {};
  expect(sum(history?.points.done ?? [])).toBe(100);
  expect(sum(history?.points.failed ?? [])).toBe(10);
  expect(history?.counts).toMatchObject({ settled: 20, running: 0, triedAgain: 0 });
  expect(history?.latency).toMatchObject({ count: 100, of: "chunk" });
  const { form, lanes, marks } = exact(history);
  expect(form).toBe("exact");
  expect(lanes.every((lane) => /^thread [12]$/.test(lane))).toBe(true);
  const chunks = marks.filter(([, , , kind]) => kind !== "merge");
  expect(chunks.map(([, , , , chunk]) => chunk).toSorted((a, b) => a - b)).toEqual([...Array(20).keys()]);
  expect(chunks.filter(([, , , kind]) => kind === "failed")).toHaveLength(10);
  expect(
    chunks.every(([, from, to]) => from >= 0 && to !== null && to >= from && to <= (history?.now ?? 0)),
  ).toBe(true);
  expect(failures).toMatchObject({
    of: 10,
    groups: [
      { count: 5, message: "no 3" },
      { count: 5, message: "no 13" },
    ],
  });
  expect(failures?.groups[0]?.first.map(({ index }) => index)).toEqual([3, 23, 43, 63, 83]);
  expect(failures?.groups[0]?.items.map(({ item }) => item)).toEqual(["3", "23", "43"]);
});

test("a batch that runs shows what runs, what failed and how long items take", async () => {
  const at = bench();
  const go = at.path("go");
  const waiting = `async (n) => {
    if (n === 1) throw new Error("the first failure");
    while (n === 16 && !(await import("node:fs")).existsSync(${JSON.stringify(go)})) await new Promise((done) => setTimeout(done, 5));
    return n;
  }`;
  const engine = await begin(at, numbers(20, waiting), { items: 5 });
  const seenNow = (): SeenNow | null => engine.seen("01A");
  await expect
    .poll(() => seenNow()?.history.counts, { timeout: 20_000 })
    .toMatchObject({ running: 1, settled: 3 });
  const { history, failures } = seenNow() ?? {};
  const { marks } = exact(history);
  expect(marks.find(([, , to]) => to === null)).toMatchObject({ 3: "running", 4: 3 });
  expect(failures?.groups).toMatchObject([
    {
      count: 1,
      message: "the first failure",
      items: [{ item: "1", error: { stack: expect.anything() as unknown } }],
    },
  ]);
  expect(engine.pace("01A")).toMatchObject({ threads: 2, unitsInFlight: 5 });
  writeFileSync(go, "");
  await engine.finished("01A");
  const { latency } = readHistory(at.path("state"), "01A")?.history ?? {};
  expect(latency?.of).toBe("item");
  // Items of a chunk that was cut may have begun twice.
  expect(latency?.count).toBeGreaterThanOrEqual(20);
  expect(engine.seen("01A")).toBeNull();
});

test("an attempt that a thread died of is a mark of its own, and the next one is a further try", async () => {
  const at = bench();
  const mark = at.path("died");
  const dies = `(n) => {
    const { existsSync, writeFileSync } = process.getBuiltinModule("node:fs");
    if (n === 7 && !existsSync(${JSON.stringify(mark)})) { writeFileSync(${JSON.stringify(mark)}, ""); process.exit(1); }
    return n;
  }`;
  const engine = await begin(at, numbers(20, dies), { items: 5 }, 1);
  await engine.finished("01A");
  const { history } = readHistory(at.path("state"), "01A") ?? {};
  const { marks } = exact(history);
  expect(marks.filter(([, , , kind]) => kind === "lost").length).toBeGreaterThan(0);
  expect(history?.counts.triedAgain).toBeGreaterThan(0);
  expect(sum(history?.points.done ?? [])).toBe(20);
});

test("the next process goes on with the history; a redrive begins another one", async () => {
  const at = bench();
  const go = at.path("go");
  const waiting = `async (n) => {
    const { existsSync } = await import("node:fs");
    while (n >= 10 && !existsSync(${JSON.stringify(go)})) await new Promise((done) => setTimeout(done, 5));
    if (n === 0) throw new Error("zero");
    return n;
  }`;
  const first = await begin(at, numbers(20, waiting), { items: 5 });
  await expect.poll(() => first.seen("01A")?.history.counts.settled, { timeout: 20_000 }).toBeGreaterThan(0);
  await first.stop();
  expect(readHistory(at.path("state"), "01A")?.history.counts.settled).toBeGreaterThan(0);
  writeFileSync(go, "");
  const second = await at.open();
  const job = await second.load(at.path("job.ts"));
  await second.resume("01A");
  await second.finished("01A");
  const { history } = readHistory(at.path("state"), "01A") ?? {};
  expect(sum(history?.points.done ?? [])).toBe(20);
  expect(history?.counts.settled).toBe(4);
  await second.redrive("01A", null);
  await second.finished("01A");
  const redriven = readHistory(at.path("state"), "01A");
  expect(redriven?.generation).toBe(1);
  expect(sum(redriven?.history.points.done ?? [])).toBeLessThan(6);
  expect(job.name).toBe("numbers");
});

test("a history that is damaged or gone costs nothing but itself", async () => {
  const at = bench();
  const engine = await begin(at, numbers(20), { items: 5 });
  await engine.finished("01A");
  const path = at.path("state", "batches", "01A", "history.json");
  expect(existsSync(path)).toBe(true);
  writeFileSync(path, readFileSync(path, "utf8").slice(0, 100));
  expect(readHistory(at.path("state"), "01A")).toBeNull();
  expect(readHistory(at.path("state"), "01B")).toBeNull();
});

test("of many short batches only some have a history", async () => {
  const at = bench();
  const engine = await at.open();
  const job = await engine.load(at.write("job.ts", numbers(4)));
  for (let n = 10; n < 40; n++) {
    await engine.submit(specFor(job, { batch: `01X${n}`, items: 2 }));
    await engine.finished(`01X${n}`);
  }
  const kept = Array.from({ length: 30 }, (_, n) => readHistory(at.path("state"), `01X${n + 10}`)).filter(
    Boolean,
  );
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(30);
});
