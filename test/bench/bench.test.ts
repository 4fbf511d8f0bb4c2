import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

interface Document {
  readonly bench: string;
  readonly contestants: readonly {
    readonly name: string;
    readonly skipped: string | null;
    readonly rounds: readonly unknown[];
  }[];
  readonly ratios: { readonly [name: string]: number | null };
}

/** Runs a benchmark at a small size and returns its JSON document. Its speed is not tested. */
async function bench(...args: string[]): Promise<Document> {
  const { stdout } = await run(process.execPath, ["bench/run.ts", ...args, "--rounds", "1", "--json"]);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Document;
}

test("the chunks bench has figures of every installed contestant, with equal answers", async () => {
  const { contestants, ratios } = await bench("chunks", "--chunks", "300");
  expect(contestants.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["fanjoin", "fanjoin normal", "piscina", "Pool.map", "BullMQ", "bare loop 64"]),
  );
  for (const { skipped, rounds } of contestants) expect(rounds).toHaveLength(skipped === null ? 1 : 0);
  expect(ratios["fanjoin / piscina"]).toBeGreaterThan(0);
});

test("the curve has a contestant for each size", async () => {
  const { contestants } = await bench("chunks", "--curve", "--chunks", "100");
  expect(contestants.map(({ name }) => name)).toEqual(["1 chunks", "10 chunks", "100 chunks", "1000 chunks"]);
});

test("the csv bench has figures of every contestant, with equal answers", async () => {
  const { contestants, ratios } = await bench("csv", "--mb", "1");
  expect(contestants.map(({ name }) => name)).toEqual([
    "fanjoin",
    "fanjoin, pick",
    "bare parser 1",
    "bare parser 2",
  ]);
  expect(ratios["fanjoin / bare parser 2"]).toBeGreaterThan(0);
});

test("the joins bench asks every contestant every question, with equal answers", async () => {
  const { contestants, ratios } = await bench("joins", "--items", "2000");
  expect(contestants).toHaveLength(6 * 4);
  expect(contestants.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["fanjoin, 200 groups", "Python, 1,000 groups", "DuckDB, distinct"]),
  );
  for (const { skipped, rounds } of contestants) expect(rounds).toHaveLength(skipped === null ? 1 : 0);
  expect(ratios["Python / fanjoin, quantiles and top 10, times"]).toBeGreaterThan(0);
});

test("the cpu bench has figures of one thread, of two threads, and of others", async () => {
  const { contestants, ratios } = await bench("cpu", "--items", "50");
  expect(contestants.map(({ name }) => name)).toEqual([
    "fanjoin",
    "fanjoin 1 thread",
    "piscina",
    "bare loop",
  ]);
  expect(ratios["fanjoin / fanjoin 1 thread"]).toBeGreaterThan(0);
});

test("the io bench compares fanjoin and a bare pool with the ideal", async () => {
  const { contestants, ratios } = await bench("io", "--items", "256");
  expect(contestants.map(({ name }) => name)).toEqual(["fanjoin", "bare pool"]);
  expect(ratios["fanjoin, % of the ideal"]).toBeGreaterThan(0);
});

test("the latency bench has figures of both commit modes, of two bare commits, and of other pools", async () => {
  const { contestants, ratios } = await bench("latency", "--batches", "3");
  expect(contestants.map(({ name }) => name)).toEqual([
    "fanjoin",
    "fanjoin normal",
    "two commits",
    "Pool.map",
    "BullMQ",
  ]);
  expect(ratios["fanjoin, 1 chunk, p50 ms"]).toBeGreaterThan(0);
  expect(ratios["fanjoin, 100 chunks, p50 ms"]).toBeGreaterThan(0);
});

test("the start bench has figures of a whole run, with the right totals", async () => {
  const { contestants, ratios } = await bench("start");
  expect(contestants.map(({ name }) => name)).toEqual([
    "fanjoin run",
    "fanjoin run, first start",
    "fanjoin run, installed",
    "fanjoin run, installed, first start",
    "bare script",
    "node -e 0",
  ]);
  expect(ratios["fanjoin run, ms"]).toBeGreaterThan(0);
});

test("the memory bench has figures for each size", async () => {
  const { contestants } = await bench("memory", "--sizes", "1,2");
  expect(contestants.map(({ name }) => name)).toEqual([
    "fanjoin, 1 MB",
    "fanjoin, 2 MB",
    "bare parser, 2 MB",
  ]);
});

test("the requests bench stays within its targets per chunk", async () => {
  const { contestants, ratios } = await bench("requests", "--items", "20000");
  expect(contestants).toHaveLength(12);
  expect(ratios["write units a chunk, no partials, shuffled"]).toBeLessThanOrEqual(1.02);
  expect(ratios["write units a chunk, small partials, shuffled"]).toBeLessThanOrEqual(1.15);
  expect(ratios["S3 PUTs a chunk, small partials, shuffled"]).toBeLessThanOrEqual(0.01);
});

test("an unknown bench is refused with the list of all", async () => {
  await expect(bench("nothing")).rejects.toMatchObject({
    code: 2,
    stdout: expect.stringContaining("chunks"),
  });
});

test("the tail bench compares fanjoin with the ideal", async () => {
  const { contestants } = await bench("tail");
  expect(contestants.map(({ name }) => name)).toEqual(["fanjoin"]);
  expect(contestants[0]?.rounds).toHaveLength(1);
});
