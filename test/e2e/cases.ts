/**
 * What every platform has to do, written once: each case is given a driver and whatever is expected follows
 * from its rows.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { parseFailedLine } from "../../src/core/failed-line.ts";
import type { FailedLine } from "../../src/core/failed-line.ts";
import type { BatchSummary } from "../../src/batch/summary.ts";
import type { OnFinished } from "../cli/command.ts";
import type { Driver, InputFile, Submission } from "./driver.ts";
import { failedOf, outputsOf, resultOf, rowsFor, textOf } from "./sales.ts";
import type { Row } from "./sales.ts";

export interface Platform {
  readonly driver: (onFinished: OnFinished) => Driver;
  /** Another platform, whose files are the same. */
  readonly reference?: (onFinished: OnFinished) => Driver;
  /** Cases wait for each other's visibility timeouts otherwise. */
  readonly concurrent: boolean;
  /** How long a cancel may take to reach what runs. */
  readonly cancelMs: number;
}

/** Of `jobs/sales.ts` and `jobs/direct.ts`. */
const CHUNK_ITEMS = 80;

export function describeCases({ driver: open, reference, concurrent, cancelMs }: Platform): void {
  const run = concurrent ? test.concurrent : test;

  /** The files of a batch are those that the other platform makes of the same submission. */
  async function expectSameFiles(
    driver: Driver,
    batch: string,
    submission: Submission,
    onFinished: OnFinished,
  ): Promise<void> {
    if (!reference) return;
    const other = reference(onFinished);
    const there = await other.submit(submission);
    await other.wait(there);
    expect(await driver.files(batch)).toEqual(await other.files(there));
  }

  describe("a batch", () => {
    run(
      "of 10,000 rows in 125 chunks ends with what one loop over them would give",
      async ({ onTestFinished }) => {
        const rows = rowsFor(10_000);
        const driver = open(onTestFinished);
        const submission = { job: "sales", input: file(rows) } as const;
        const batch = await driver.submit(submission);
        const summary = await driver.wait(batch);
        expectCounts(summary, rows, { total: 125, settled: 125, skipped: 0 });
        expect(await driver.files(batch)).toEqual(filesFor(rows));
        await expectSameFiles(driver, batch, submission, onTestFinished);
      },
    );

    run("begins when a file is uploaded", async ({ onTestFinished }) => {
      const rows = rowsFor(300);
      const driver = open(onTestFinished);
      const batch = await driver.upload("sales", file(rows));
      expectCounts(await driver.wait(batch), rows, { total: 4, settled: 4, skipped: 0 });
      expect(await driver.files(batch)).toEqual(filesFor(rows));
    });

    run("is cut between records, not at newlines in quotes", async ({ onTestFinished }) => {
      const rows = rowsFor(300).map((row) => ({ ...row, note: quoted(row.id) }));
      const driver = open(onTestFinished);
      const submission = { job: "sales", input: file(rows) } as const;
      const batch = await driver.submit(submission);
      const summary = await driver.wait(batch);
      expectCounts(summary, rows);
      expect(summary.chunks.total).toBeGreaterThan(20);
      expect(await driver.files(batch)).toMatchObject({ result: pretty(rows), outputs: outputsOf(rows) });
      await expectSameFiles(driver, batch, submission, onTestFinished);
    });

    run("whose rows throw, or cannot be read, loses those rows alone", async ({ onTestFinished }) => {
      const rows = rowsFor(200).map((row) => (row.id % 50 === 3 ? { ...row, note: "throw" } : row));
      const input = { name: "sales.csv", text: textOf(rows).replace(/^60,/m, "60,too,many,") };
      const driver = open(onTestFinished);
      const batch = await driver.submit({ job: "sales", input });
      const summary = await driver.wait(batch);
      expect(summary.state).toBe("completed-with-failures");
      const failed = await failedLines(driver, batch);
      expect(failed.map(({ index, line, code, error }) => [index, line, code, error.message])).toEqual([
        [3, expect.any(Number), "ITEM_FAILED", "thrown on purpose"],
        [13, expect.any(Number), "ITEM_FAILED", "no amount: none"],
        [53, expect.any(Number), "ITEM_FAILED", "thrown on purpose"],
        [60, expect.any(Number), "ITEM_UNREADABLE", expect.any(String)],
        [103, expect.any(Number), "ITEM_FAILED", "thrown on purpose"],
        [110, expect.any(Number), "ITEM_FAILED", "no amount: none"],
        [153, expect.any(Number), "ITEM_FAILED", "thrown on purpose"],
      ]);
      const good = rows.filter(({ id }) => !failed.some(({ index }) => index === id));
      expect(await driver.files(batch)).toMatchObject({ result: pretty(good), outputs: outputsOf(good) });
      await expectSameFiles(driver, batch, { job: "sales", input }, onTestFinished);
    });

    run.for([
      ["a header alone", "id,country,amount,note\n"],
      ["an empty file", ""],
    ] as const)("of no items ends at once: %s", async ([, text], { onTestFinished }) => {
      const driver = open(onTestFinished);
      const submission = { job: "sales", input: { name: "sales.csv", text } } as const;
      const batch = await driver.submit(submission);
      const summary = await driver.wait(batch);
      expect(summary).toMatchObject({ state: "succeeded", items: NO_ITEMS, error: null });
      expect((await driver.files(batch)).result).toBe(pretty([]));
      await expectSameFiles(driver, batch, submission, onTestFinished);
    });

    run(
      "whose input is deleted while it runs fails, and says why, with exact counts",
      async ({ onTestFinished }) => {
        const rows = rowsFor(2000).map((row) => ({ ...row, amount: 1, note: "wait" }));
        const driver = open(onTestFinished);
        const batch = await driver.submit({ job: "sales", input: file(rows) });
        while ((await driver.look(batch)).items.succeeded === 0) await sleep(100);
        await driver.remove("sales", file(rows));
        const summary = await driver.wait(batch);
        expect(summary).toMatchObject({ state: "failed", error: { code: "INPUT_NOT_FOUND" } });
        const { settled, skipped, total } = summary.chunks;
        expect(settled + skipped).toBe(total);
        const { result } = await driver.files(batch);
        expect((JSON.parse(result ?? "") as { sales: number }).sales).toBe(summary.items.succeeded);
      },
    );

    run("that is submitted again with the same id is the same one", async ({ onTestFinished }) => {
      const rows = rowsFor(100);
      const driver = open(onTestFinished);
      const id = `day-${Date.now()}`;
      const submission = { job: "sales", input: file(rows), id } as const;
      const batch = await driver.submit(submission);
      await driver.wait(batch);
      expect(await driver.submit(submission)).toBe(batch);
      expectCounts(await driver.wait(batch), rows, { total: 2, settled: 2, skipped: 0 });
      const other = { ...submission, input: file(rowsFor(50)) };
      await expect(driver.submit(other)).rejects.toThrow(/BATCH_CONFLICT|with another input/);
    });
  });

  describe("a job", () => {
    run("without a join has counts, failed items and no result", async ({ onTestFinished }) => {
      const driver = open(onTestFinished);
      const submission = { job: "tally", params: { refuse: [0, 499, 500, 999] } } as const;
      const batch = await driver.submit(submission);
      expect(await driver.wait(batch)).toMatchObject({
        state: "completed-with-failures",
        items: { total: 1000, succeeded: 996, failed: 4, skipped: 0 },
        chunks: { total: 40, settled: 40, skipped: 0 },
        result: null,
        outputs: null,
      });
      const failed = await failedLines(driver, batch);
      expect(failed.map(({ item, chunk }) => [item, chunk])).toEqual([
        ["0", 0],
        ["499", 19],
        ["500", 20],
        ["999", 39],
      ]);
      await expectSameFiles(driver, batch, submission, onTestFinished);
    });

    run("that makes its items itself gets each of them once, in order", async ({ onTestFinished }) => {
      const driver = open(onTestFinished);
      const submission = { job: "generated", params: { count: 250 } } as const;
      const batch = await driver.submit(submission);
      const summary = await driver.wait(batch);
      const squares = Array.from({ length: 250 }, (_, n) => n * n).filter((_, n) => n % 50 !== 7);
      expect(summary.items).toEqual({ total: 250, succeeded: 245, failed: 5, skipped: 0 });
      const { result, outputs } = await driver.files(batch);
      const total = squares.reduce((sum, square) => sum + square, 0);
      expect(JSON.parse(result ?? "")).toEqual({ total, squares: 245 });
      expect(outputs).toBe(squares.map((square) => `${square}\n`).join(""));
      const failed = await failedLines(driver, batch);
      expect(failed.map(({ index, error }) => [index, error.message])).toEqual(
        [7, 57, 107, 157, 207].map((n) => [n, `${n}`]),
      );
    });

    run("whose chunks are handed over directly ends the same", async ({ onTestFinished }) => {
      const rows = rowsFor(1000);
      const driver = open(onTestFinished);
      const submission = { job: "direct", input: file(rows) } as const;
      const batch = await driver.submit(submission);
      expectCounts(await driver.wait(batch), rows, { total: 13, settled: 13, skipped: 0 });
      expect(await driver.files(batch)).toEqual(filesFor(rows));
      await expectSameFiles(driver, batch, submission, onTestFinished);
    });
  });

  describe("an item", () => {
    run.for([
      ["ends its process", "exit", ["ITEM_CRASHED"]],
      ["ends its process while it is awaited", "exit later", ["ITEM_CRASHED"]],
      ["never answers", "hang", ["ITEM_TIMEOUT"]],
      // A function that has run out of time is killed like one that has crashed.
      ["keeps its thread busy for ever", "loop", ["ITEM_TIMEOUT", "ITEM_CRASHED"]],
      ["runs out of memory", "memory", ["ITEM_CRASHED"]],
    ] as const)("that %s costs itself alone", async ([, note, codes], { onTestFinished }) => {
      const rows = rowsFor(12).map((row) => ({
        ...row,
        amount: row.id,
        note: row.id === 7 ? note : "plain",
      }));
      const good = rows.filter(({ id }) => id !== 7);
      const driver = open(onTestFinished);
      const batch = await driver.submit({ job: "unruly", input: file(rows) });
      const summary = await driver.wait(batch);
      expect(summary).toMatchObject({
        state: "completed-with-failures",
        items: { total: 12, succeeded: 11, failed: 1, skipped: 0 },
      });
      const failed = await failedLines(driver, batch);
      expect(failed.map(({ index, line, chunk, item }) => [index, line, chunk, item])).toEqual([
        [7, 9, 1, expect.stringContaining(note)],
      ]);
      expect(codes).toContain(failed[0]?.code);
      expect(await driver.files(batch)).toMatchObject({ result: pretty(good), outputs: outputsOf(good) });
    });
  });

  describe("a cancel", () => {
    run("reaches what runs, and nothing counts after it", async ({ onTestFinished }) => {
      // 80 rows of 20 ms are a chunk of two seconds; the last row would never end.
      const rows = rowsFor(2000).map((row) => ({ ...row, amount: 1, note: noteOfLong(row.id) }));
      const driver = open(onTestFinished);
      const batch = await driver.submit({ job: "sales", input: file(rows) });
      while ((await driver.look(batch)).items.succeeded === 0) await sleep(100);
      const asked = performance.now();
      await driver.cancel(batch);
      const summary = await driver.wait(batch);
      expect(performance.now() - asked).toBeLessThan(cancelMs);
      expect(summary).toMatchObject({ state: "cancelled", error: { code: "CANCELLED" } });
      const { settled, skipped, total } = summary.chunks;
      expect(settled).toBeGreaterThan(0);
      expect(skipped).toBeGreaterThan(0);
      expect(settled + skipped).toBe(total);
      const { result, outputs } = await driver.files(batch);
      const { sales } = JSON.parse(result ?? "") as { sales: number };
      expect(outputs?.trimEnd().split("\n").length).toBe(sales);
      expect(summary.items.succeeded).toBe(sales);
      // Whoever was at work when it ended has had the time to say so.
      await sleep(cancelMs / 4);
      expect(await driver.look(batch)).toEqual(summary);
      expect(await driver.files(batch)).toMatchObject({ result, outputs });
    });
  });

  describe("a redrive", () => {
    run(
      "with mended code does the failed items again, and leaves the others as they were",
      async ({ onTestFinished }) => {
        const rows = rowsFor(400).map((row) => (row.id % 40 === 5 ? { ...row, note: "broken" } : row));
        const broken = rows.filter(({ note }) => note === "broken");
        const driver = open(onTestFinished);
        const batch = await driver.submit({ job: "sales", input: file(rows) });
        const before = await driver.wait(batch);
        const good = rows.filter(({ amount }) => amount !== null);
        expect(before.items).toMatchObject({ succeeded: good.length - broken.length, total: 400 });
        const after = await driver.withMended("sales", async () => {
          await driver.redrive(batch, { classes: ["RangeError"] });
          return driver.wait(batch);
        });
        expectCounts(after, rows, { total: 5, settled: 5, skipped: 0 });
        expect(await driver.files(batch)).toEqual(filesFor(rows));
      },
    );
  });
}

const NO_ITEMS = { total: 0, succeeded: 0, failed: 0, skipped: 0 };

function file(rows: readonly Row[]): InputFile {
  return { name: "sales.csv", text: textOf(rows) };
}

function quoted(id: number): string {
  return `"${`${id}, ""so"",\n`.repeat(40)}"`;
}

function noteOfLong(id: number): string {
  return id === 1999 ? "stay" : "wait";
}

/** As a job writes its result. */
function pretty(rows: readonly Row[]): string {
  return `${JSON.stringify(resultOf(rows), null, 2)}\n`;
}

/** What becomes of `rows`, whose chunks are full. */
function filesFor(rows: readonly Row[]) {
  return { result: pretty(rows), outputs: outputsOf(rows), failed: failedOf(rows, CHUNK_ITEMS) };
}

function expectCounts(
  summary: BatchSummary,
  rows: readonly Row[],
  chunks: Partial<BatchSummary["chunks"]> = {},
): void {
  const failed = rows.filter(({ amount }) => amount === null).length;
  expect(summary).toMatchObject({
    state: failed > 0 ? "completed-with-failures" : "succeeded",
    items: { total: rows.length, succeeded: rows.length - failed, failed, skipped: 0 },
    chunks: { skipped: 0, ...chunks },
    error: null,
  });
}

async function failedLines(driver: Driver, batch: string): Promise<FailedLine[]> {
  const { failed } = await driver.files(batch);
  const lines = (failed ?? "").split("\n").filter(Boolean);
  return lines.map(parseFailedLine);
}
