/**
 * The common cases of all platforms. Each case gets a driver, and computes the expected files from its rows.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { OnFinished } from "../cli/command.ts";
import type { Driver, Submission } from "./driver.ts";
import { outputsOf, resultOf, rowsFor, textOf } from "./sales.ts";
import {
  NO_ITEMS,
  expectCounts,
  expectKinds,
  failedLines,
  file,
  filesFor,
  noteOfLong,
  pretty,
  quoted,
} from "./expectations.ts";

export interface Platform {
  readonly driver: (onFinished: OnFinished) => Driver;
  /** Another platform, whose files have to be equal. */
  readonly reference?: (onFinished: OnFinished) => Driver;
  /** Run concurrently, so that cases do not wait for each other's visibility timeouts. */
  readonly concurrent: boolean;
  /** The longest time from a cancel to the end of the batch. */
  readonly cancelMs: number;
}

/** Declares the common cases for a platform. */
export function describeCases({ driver: open, reference, concurrent, cancelMs }: Platform): void {
  const run = concurrent ? test.concurrent : test;

  /** Expects the files that the reference platform makes of the same submission. */
  async function expectSameFiles(
    driver: Driver,
    batch: string,
    submission: Submission,
    onFinished: OnFinished,
  ): Promise<void> {
    if (!reference) return;
    const other = reference(onFinished);
    const otherBatch = await other.submit(submission);
    await other.wait(otherBatch);
    expect(await driver.files(batch)).toEqual(await other.files(otherBatch));
  }

  describe("a batch", () => {
    run("of 10,000 rows in 125 chunks has the result of one loop over them", async ({ onTestFinished }) => {
      const rows = rowsFor(10_000);
      const driver = open(onTestFinished);
      const submission = { job: "sales", input: file(rows) } as const;
      const batch = await driver.submit(submission);
      const summary = await driver.wait(batch);
      expectCounts(summary, rows, { total: 125, settled: 125, skipped: 0 });
      expect(resultOf(rows)).toMatchObject({ names: { exact: false } });
      expect(await driver.files(batch)).toEqual(filesFor(rows));
      await expectSameFiles(driver, batch, submission, onTestFinished);
    });

    run("begins when a file is uploaded", async ({ onTestFinished }) => {
      const rows = rowsFor(300);
      const driver = open(onTestFinished);
      const batch = await driver.upload("sales", file(rows));
      expectCounts(await driver.wait(batch), rows, { total: 4, settled: 4, skipped: 0 });
      expect(await driver.files(batch)).toEqual(filesFor(rows));
    });

    run("is cut between records, never at a newline in quotes", async ({ onTestFinished }) => {
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

    run("with rows that throw or cannot be read loses only those rows", async ({ onTestFinished }) => {
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
      expectKinds(summary, {
        "thrown on purpose": 4,
        "no amount: none": 2,
        [failed[3]?.error.message ?? ""]: 1,
      });
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
      "whose input is deleted while it runs fails with a reason and exact counts",
      async ({ onTestFinished }) => {
        const rows = rowsFor(2000).map((row) => ({ ...row, amount: 1, note: "wait" }));
        const driver = open(onTestFinished);
        const batch = await driver.submit({ job: "sales", input: file(rows) });
        while ((await driver.show(batch)).items.succeeded === 0) await sleep(100);
        await driver.remove("sales", file(rows));
        const summary = await driver.wait(batch);
        expect(summary).toMatchObject({ state: "failed", error: { code: "INPUT_NOT_FOUND" } });
        const { settled, skipped, total } = summary.chunks;
        expect(settled + skipped).toBe(total);
        const { result } = await driver.files(batch);
        expect((JSON.parse(result ?? "") as { sales: number }).sales).toBe(summary.items.succeeded);
      },
    );

    run("that is submitted again with its id is not started twice", async ({ onTestFinished }) => {
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

    run("with a generator processes each item once, in order", async ({ onTestFinished }) => {
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

    run("has what its setup made in every item, and only there", async ({ onTestFinished }) => {
      const driver = open(onTestFinished);
      const batch = await driver.submit({ job: "owner" });
      const summary = await driver.wait(batch);
      expect(summary).toMatchObject({ state: "succeeded", items: { total: 200, succeeded: 200 } });
      const { result } = await driver.files(batch);
      expect(JSON.parse(result ?? "")).toEqual({ items: 200, setUp: 200, tenfold: 199_000 });
    });

    run("whose setup fails ends with the reason, and none of its items fails", async ({ onTestFinished }) => {
      const driver = open(onTestFinished);
      const batch = await driver.submit({ job: "homeless" });
      expect(await driver.wait(batch)).toMatchObject({
        state: "failed",
        items: { total: 200, succeeded: 0, failed: 0, skipped: 200 },
        error: { code: "SETUP_FAILED", message: expect.stringMatching(/no database/) as string },
      });
    });

    run("with the direct transport ends the same", async ({ onTestFinished }) => {
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
      ["never settles", "hang", ["ITEM_TIMEOUT"]],
      // Lambda kills a function at its timeout, which looks like a crash.
      ["keeps its thread busy for ever", "loop", ["ITEM_TIMEOUT", "ITEM_CRASHED"]],
      ["runs out of memory", "memory", ["ITEM_CRASHED"]],
    ] as const)("that %s fails alone", async ([, note, codes], { onTestFinished }) => {
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
    run("interrupts running chunks, and nothing is counted after the end", async ({ onTestFinished }) => {
      // A chunk of 80 rows of 20 ms takes two seconds; the last row never settles.
      const rows = rowsFor(2000).map((row) => ({ ...row, amount: 1, note: noteOfLong(row.id) }));
      const driver = open(onTestFinished);
      const batch = await driver.submit({ job: "sales", input: file(rows) });
      while ((await driver.show(batch)).items.succeeded === 0) await sleep(100);
      const cancelledAt = performance.now();
      await driver.cancel(batch);
      const summary = await driver.wait(batch);
      expect(performance.now() - cancelledAt).toBeLessThan(cancelMs);
      expect(summary).toMatchObject({ state: "cancelled", error: { code: "CANCELLED" } });
      const { settled, skipped, total } = summary.chunks;
      expect(settled).toBeGreaterThan(0);
      expect(skipped).toBeGreaterThan(0);
      expect(settled + skipped).toBe(total);
      const { result, outputs } = await driver.files(batch);
      const { sales } = JSON.parse(result ?? "") as { sales: number };
      expect(outputs?.trimEnd().split("\n").length).toBe(sales);
      expect(summary.items.succeeded).toBe(sales);
      // Late attempts have had time to settle their chunks.
      await sleep(cancelMs / 4);
      expect(await driver.show(batch)).toEqual(summary);
      expect(await driver.files(batch)).toMatchObject({ result, outputs });
    });
  });

  describe("a redrive", () => {
    run(
      "with repaired code processes the failed items again and keeps the others",
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
