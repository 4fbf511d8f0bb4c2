/** The everyday joins in a simulated batch, and what they have to come to. */
import type { Json } from "../../src/core/json/json.ts";
import { collect, countIf } from "../../src/joins/exact/count.ts";
import { histogram } from "../../src/joins/exact/histogram.ts";
import { mean } from "../../src/joins/exact/mean.ts";
import { stddev } from "../../src/joins/exact/variance.ts";
import { groupBy } from "../../src/joins/groups/group-by.ts";
import type { Join } from "../../src/joins/join.ts";
import { toJoin } from "../../src/joins/object-join.ts";
import { any } from "../../src/joins/order/any-all.ts";
import { first, last } from "../../src/joins/order/first-last.ts";
import { bottom, maxBy, top } from "../../src/joins/order/top.ts";
import { distinct } from "../../src/joins/sketch/distinct.ts";
import { quantiles } from "../../src/joins/sketch/quantiles.ts";
import { sample } from "../../src/joins/sketch/sample.ts";
import { inOrder } from "../steps/jobs.ts";
import type { Row } from "./input.ts";

/** The number of a row, of an id such as `2.17`. Several rows have the same. */
const size = (id: string): number => Number(id.split(".")[1]) % 13;
const groups = groupBy((id: string) => [size(id), id.length], { n: mean(size), last: last<string>() });

const EVERYDAY: { readonly [name: string]: Join<string, unknown> } = {
  any: any((id: string) => size(id) === 12),
  bottom: bottom(3, size),
  drawn: sample<string>(4, { seed: 3 }),
  few: countIf((id: string) => size(id) < 3),
  first: first<string>(),
  groups,
  histogram: histogram([0, 5, 12], size),
  last: last<string>(),
  largest: maxBy(size),
  ordered: groups.orderBy(({ n }) => n, "desc").limit(3),
  quantiles: quantiles([0, 0.5, 0.9], size),
  sizes: distinct(size),
  spread: stddev(size),
  top: top(3, size),
};

export const JOIN = toJoin<string, unknown>({ order: inOrder, all: collect(), ...EVERYDAY }, "join");

/** The result of one loop over the rows that succeeded. */
export function resultOf(good: readonly Row[], sources: readonly string[]): Json {
  const join = toJoin<string, object>(EVERYDAY, "join");
  let acc = join.init();
  for (const { id, source, offset } of good)
    acc = join.add(acc, join.prepare(id), { source: sources.indexOf(source), key: offset });
  const order = good.map(({ id }) => `${id},`).join("");
  return JSON.parse(JSON.stringify({ order, all: good.length, ...join.finish(acc) })) as Json;
}
