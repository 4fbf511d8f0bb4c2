/** Accumulators as earlier versions wrote them: a batch that they began goes on. */
import { expect, test } from "vitest";
import type { Json } from "../../../src/core/json/json.ts";
import { count } from "../../../src/joins/exact/count.ts";
import { mean } from "../../../src/joins/exact/mean.ts";
import { sum } from "../../../src/joins/exact/sum.ts";
import { groupBy } from "../../../src/joins/groups/group-by.ts";
import { max } from "../../../src/joins/order/extremes.ts";

const number = (n: number): number => n;
const join = groupBy((n: number) => (n > 0 ? "a" : "b"), {
  total: sum(number),
  n: count(),
  mean: mean(number),
  top: max(number),
});

/** Pairs of a key and the inner accumulators; sums as numbers, lists of parts, and a text in base 36. */
const EARLIER: Json = [
  ["a", [[0, 1.3877787807814457e-17, 0.30000000000000004], 2, [2, 0.25], 0.2]],
  ["b", [[5, "-1z141z4"], 1, [1, [5, 2 ** -1074]], -3]],
];

test("are read, and merged with those of today in either order", () => {
  const today = () => join.decode(JSON.parse(JSON.stringify(join.encode(join.decode(EARLIER)))) as Json);
  const once = join.finish(join.decode(EARLIER));
  expect(once["a"]).toEqual({ total: 0.30000000000000004, n: 2, mean: 0.125, top: 0.2 });
  expect(once["b"]).toMatchObject({ n: 1, top: -3, mean: 5 });
  expect(join.finish(today())).toEqual(once);
  const twice = join.finish(join.merge(join.decode(EARLIER), today()));
  expect(join.finish(join.merge(today(), join.decode(EARLIER)) as never)).toEqual(twice);
  expect(join.finish(join.large?.mergeEncoded(today(), EARLIER))).toEqual(twice);
  expect(twice["a"]).toMatchObject({ total: 0.6000000000000001, n: 4, mean: 0.125 });
});

test("are written as they were, for functions of a stack that are not updated yet", () => {
  const acc = [1, 2, -3].reduce(
    (all, n) => join.add(all, join.prepare(n), { source: 0, key: 0 }),
    join.init(),
  );
  expect(join.encode(acc)).toEqual([
    ["a", [3, 2, [2, 3], 2]],
    ["b", [-3, 1, [1, -3], -3]],
  ]);
});
