import { expect, test } from "vitest";
import { BundleSize } from "../../../../src/local/engine/pumping/bundle-size.ts";
import { FAN_IN } from "../../../../src/core/records/tree.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";

const took = (chunks: number, ms: number) => ({ ...NO_TOTALS, chunks, ms });

test("the first chunks travel alone, because their duration is not known", () => {
  expect(new BundleSize().for(1000, 2, 0)).toBe(1);
});

test("short chunks travel together, a leaf of the tree at most, long ones alone", () => {
  const short = new BundleSize();
  short.learn(took(10, 0.01));
  expect(short.chunks).toBeGreaterThanOrEqual(64);
  expect(short.chunks).toBeLessThanOrEqual(FAN_IN);
  const long = new BundleSize();
  long.learn(took(1, 1000));
  expect(long.chunks).toBe(1);
});

test("a bundle takes about eight milliseconds", () => {
  const size = new BundleSize();
  size.learn(took(10, 10));
  expect(size.chunks).toBe(8);
});

test("a changed duration of chunks is learned anew", () => {
  const size = new BundleSize();
  size.learn(took(10, 1));
  for (let n = 0; n < 40; n++) size.learn(took(1, 100));
  expect(size.chunks).toBe(1);
});

test("the newest chunks count for three tenths of what is known", () => {
  const size = new BundleSize();
  size.learn(took(10, 10));
  expect(size.msPerChunk).toBe(1);
  size.learn(took(5, 10));
  expect(size.msPerChunk).toBeCloseTo(1.3, 9);
  size.learn(took(1, 0));
  expect(size.msPerChunk).toBeCloseTo(0.91, 9);
});

test("nothing is learned from a bundle of which nothing was settled", () => {
  const size = new BundleSize();
  size.learn(took(0, 0));
  expect(size.for(1000, 2, 0)).toBe(1);
});

test("the last chunks are shared out over the threads", () => {
  const size = new BundleSize();
  size.learn(took(10, 0.01));
  expect(size.for(10, 2, 0)).toBe(5);
  expect(size.for(1, 2, 0)).toBe(1);
});

test("no bundle reaches into the next leaf, and the last of a leaf is not a small one", () => {
  const size = new BundleSize();
  size.learn(took(40, 8));
  const bundles: number[] = [];
  for (let first = 0; first < 2 * FAN_IN; first += bundles.at(-1) ?? 0) {
    bundles.push(size.for(1000, 2, first));
  }
  expect(size.chunks).toBe(40);
  expect(bundles).toEqual([40, 30, 30, 40, 30, 30]);
  expect(size.for(1000, 2, FAN_IN - 1)).toBe(1);
});
