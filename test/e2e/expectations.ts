/** Inputs of the cases, and the expected files and counts. */
import { expect } from "vitest";
import { parseFailedLine } from "../../src/core/failures/failed-line.ts";
import type { FailedLine } from "../../src/core/failures/failed-line.ts";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import type { Driver, InputFile } from "./driver.ts";
import { failedOf, outputsOf, resultOf, textOf } from "./sales.ts";
import type { Row } from "./sales.ts";

/** The chunk size of `jobs/sales.ts` and `jobs/direct.ts`. */
const CHUNK_ITEMS = 80;

export const NO_ITEMS = { total: 0, succeeded: 0, failed: 0, skipped: 0 };

export function file(rows: readonly Row[]): InputFile {
  return { name: "sales.csv", text: textOf(rows) };
}

/** A long note with quotes, commas and newlines. */
export function quoted(id: number): string {
  return `"${`${id}, ""so"",\n`.repeat(40)}"`;
}

/** The note of a row in the case of a cancel: the last item never settles. */
export function noteOfLong(id: number): string {
  return id === 1999 ? "stay" : "wait";
}

/** A result as it is written into its file. */
export function pretty(rows: readonly Row[]): string {
  return `${JSON.stringify(resultOf(rows), null, 2)}\n`;
}

/** The expected files of `rows` in full chunks. */
export function filesFor(rows: readonly Row[]) {
  return { result: pretty(rows), outputs: outputsOf(rows), failed: failedOf(rows, CHUNK_ITEMS) };
}

export function expectCounts(
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
  expectKinds(summary, failed > 0 ? { "no amount: none": failed } : {});
}

/** The groups of failed items by their messages. Together they are all failed items. */
export function expectKinds(
  { items, failures }: BatchSummary,
  counts: { readonly [message: string]: number },
): void {
  const { groups = [], others = 0 } = failures ?? {};
  expect(Object.fromEntries(groups.map(({ message, count }) => [message, count]))).toEqual(counts);
  expect(groups.reduce((sum, { count }) => sum + count, others)).toBe(items.failed);
}

export async function failedLines(driver: Driver, batch: string): Promise<FailedLine[]> {
  const { failed } = await driver.files(batch);
  const lines = (failed ?? "").split("\n").filter(Boolean);
  return lines.map(parseFailedLine);
}
