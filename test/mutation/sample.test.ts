import { expect, test } from "vitest";
import { sample } from "./sample.ts";

const HUNDRED = Array.from({ length: 100 }, (_, index) => index);

test("a sample holds as many values as asked for, each once", () => {
  const sampled = sample(HUNDRED, 30, 1);
  expect(new Set(sampled).size).toBe(30);
  expect(HUNDRED).toEqual(expect.arrayContaining(sampled));
});

test("the same seed gives the same sample, another seed another one", () => {
  expect(sample(HUNDRED, 30, 1)).toEqual(sample(HUNDRED, 30, 1));
  expect(sample(HUNDRED, 30, 1)).not.toEqual(sample(HUNDRED, 30, 2));
});

test("where there are fewer values than asked for, the sample holds all", () => {
  expect(sample(HUNDRED, 101, 1).toSorted((a, b) => a - b)).toEqual(HUNDRED);
  expect(sample([], 3, 1)).toEqual([]);
});

test("each value is sampled about equally often", () => {
  const times = HUNDRED.map(() => 0);
  for (let seed = 0; seed < 1000; seed++) {
    for (const value of sample(HUNDRED, 10, seed)) times[value] = (times[value] ?? 0) + 1;
  }
  // 100 on average, with a standard deviation of 9.5: five of them on either side.
  expect(Math.min(...times)).toBeGreaterThan(52);
  expect(Math.max(...times)).toBeLessThan(148);
});
