import { expect, test } from "vitest";
import { freshVariantsOf, uncut, variantsOf } from "../../../src/testing/every-cut/variant.ts";

const itemsIn = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);
const cutOf = ({ sizes }: { readonly sizes: readonly number[] }): string =>
  sizes.filter((size) => size > 0).join(" ");

test("up to ten items are cut in every way, alone and with all else varied", () => {
  expect([...new Set([...variantsOf(4, 1)].map(cutOf))].toSorted()).toEqual([
    "1 1 1 1",
    "1 1 2",
    "1 2 1",
    "1 3",
    "2 1 1",
    "2 2",
    "3 1",
    "4",
  ]);
  const all = [...variantsOf(10, 1)];
  expect(new Set(all.map(cutOf)).size).toBe(512);
  expect(all.every(({ sizes }) => itemsIn(sizes) === 10)).toBe(true);
});

test("of more items there are 500 cuts from the seed, with few chunks and many", () => {
  const [again, ...others] = [...variantsOf(1000, 5)];
  expect(again).toEqual(uncut(1000));
  expect(others.length).toBe(502);
  expect(others.every(({ sizes }) => itemsIn(sizes) === 1000)).toBe(true);
  const chunks = others.map(({ sizes }) => sizes.length);
  expect(Math.min(...chunks)).toBeLessThan(4);
  expect(Math.max(...chunks)).toBeGreaterThan(30);
  expect([...variantsOf(1000, 5)]).toEqual([again, ...others]);
  expect([...variantsOf(1000, 6)]).not.toEqual([again, ...others]);
});

test("trees, orders, repeats and empty chunks are varied", () => {
  const all = [...variantsOf(8, 3)];
  expect(new Set(all.map(({ fanIn }) => fanIn))).toEqual(new Set([100, 2, 3, 4]));
  expect(new Set(all.map(({ twice }) => twice))).toEqual(new Set([false, true]));
  expect(new Set(all.map(({ order }) => typeof order))).toEqual(new Set(["string", "number"]));
  expect(all.some(({ sizes }) => sizes.join(" ").includes("0 0"))).toBe(true);
});

test("one item is run in many ways, too, and always between chunks without a record", () => {
  const all = [...variantsOf(1, 2)];
  expect(all.length).toBeGreaterThan(60);
  expect(all).toContainEqual({ ...uncut(1), sizes: [0, 0, 1, 0] });
});

test("an input without items is run again, and nothing else", () => {
  expect([...variantsOf(0, 1)]).toEqual([uncut(0)]);
});

test("new modules meet other items first", () => {
  const fresh = freshVariantsOf(6, 1);
  expect(fresh.every((variant) => variant.fresh)).toBe(true);
  expect(fresh.slice(0, 2).map(({ sizes, order }) => [sizes, order])).toEqual([
    [[3, 3], "reversed"],
    [[5, 1], "reversed"],
  ]);
  expect(freshVariantsOf(1, 1)).toEqual([]);
});
