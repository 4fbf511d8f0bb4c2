/** What the tests of a running engine share: jobs, submissions and checks of what came of them. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { parseFailedLine } from "../../../src/core/failures/failed-line.ts";
import type { FailedLine } from "../../../src/core/failures/failed-line.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import type { Totals } from "../../../src/core/records/totals.ts";
import type { Engine } from "../../../src/local/engine/engine.ts";
import type { BatchFiles } from "../../../src/batch/summary/files.ts";
import { specFor } from "./engines.ts";
import type { Bench, RangeBatch } from "./engines.ts";

export interface Joined {
  readonly order: string;
  readonly sum: number;
}

export function valueOf(fields: Fields): Joined {
  const { result } = fields["result"] as unknown as BatchFiles;
  return result?.value as unknown as Joined;
}

export function upTo(n: number): Joined {
  const all = Array.from({ length: n }, (_, i) => i);
  return { order: all.map((i) => `${i},`).join(""), sum: (n * (n - 1)) / 2 };
}

export async function begin(
  at: Bench,
  text: string,
  options: RangeBatch = {},
  concurrency = 2,
): Promise<Engine> {
  const engine = await at.open(concurrency);
  const job = await engine.load(at.write("job.ts", text));
  await engine.submit(specFor(job, options));
  return engine;
}

/** The result is that of exactly the items that are counted, in order, and all of them are below `limit`. */
export function expectExactlySettled(fields: Fields, limit: number): void {
  const { order, sum } = valueOf(fields);
  const items = order.split(",").slice(0, -1).map(Number);
  expect(items).toEqual(items.toSorted((a, b) => a - b));
  expect(new Set(items).size).toBe(items.length);
  expect(items.every((item) => item < limit)).toBe(true);
  expect(sum).toBe(items.reduce((a, b) => a + b, 0));
  expect((fields["totals"] as unknown as Totals).succeeded).toBe(items.length);
}

export const CHUNK = {
  kind: "chunk",
  batch: "01A",
  generation: 0,
  attempt: 1,
  source: 0,
  start: 39,
  end: 40,
} as const;

/** From item 4 on it loops for half a minute, and says so. */
export const DEAF = `(n, ctx) => {
  if (n >= 4) {
    ctx.log.info("deaf");
    for (const end = Date.now() + 30_000; Date.now() < end;);
  }
  return n;
}`;

export const hangingLines = `import { count, defineJob, lines } from "fanjoin";
  export default defineJob({ name: "l", input: lines(), join: count(), process: () => new Promise(() => {}) });`;

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

export function failedLines(at: Bench, batch = "01A"): FailedLine[] {
  const text = readFileSync(at.path("state", "batches", batch, "failed.jsonl"), "utf8");
  return text.trimEnd().split("\n").map(parseFailedLine);
}
