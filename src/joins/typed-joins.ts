/**
 * The joins with their value's type filled in: the argument of a `join` that is a function. It is only called
 * once the type that `process` returns is known, so no selector needs a type of its own.
 */
import type { CallableJoin } from "./callable.ts";
import { collect, count, countIf } from "./exact/count.ts";
import { histogram } from "./exact/histogram.ts";
import type { Histogram } from "./exact/histogram.ts";
import { mean } from "./exact/mean.ts";
import { sum } from "./exact/sum.ts";
import { stddev, variance } from "./exact/variance.ts";
import type { VarianceOptions } from "./exact/variance.ts";
import { fold } from "./fold.ts";
import type { FoldSpec } from "./fold.ts";
import type { GroupKey } from "./group-key.ts";
import { groupBy } from "./groups/group-by.ts";
import type { GroupedJoin } from "./groups/group-by.ts";
import type { CollectByOptions } from "./keyed-outputs.ts";
import type { JoinOrObject } from "./object-join.ts";
import { all, any } from "./order/any-all.ts";
import { max, min } from "./order/extremes.ts";
import { first, last } from "./order/first-last.ts";
import type { SortKey, SortSelector } from "./order/order.ts";
import { bottom, maxBy, minBy, top } from "./order/top.ts";
import type { Predicate } from "./predicate.ts";
import type { Selector } from "./selector.ts";
import { distinct } from "./sketch/distinct.ts";
import type { Distinct } from "./sketch/distinct.ts";
import { quantiles } from "./sketch/quantiles.ts";
import type { Quantiles } from "./sketch/quantiles.ts";
import { sample } from "./sketch/sample.ts";
import type { SampleOptions } from "./sketch/sample.ts";

/** Numbers need no selector. */
type NumberOf<Value> = [Value] extends [number] ? [selector?: Selector<Value>] : [selector: Selector<Value>];

/** Booleans need no predicate. */
type TruthOf<Value> = [Value] extends [boolean]
  ? [predicate?: Predicate<Value>]
  : [predicate: Predicate<Value>];

/** Numbers and texts need no selector to be sorted. */
type SortedBy<Value> = [Value] extends [SortKey] ? [by?: SortSelector<Value>] : [by: SortSelector<Value>];

/** Keys need no selector. */
type KeyedBy<Value> = [Value] extends [GroupKey]
  ? [selector?: (value: Value) => GroupKey]
  : [selector: (value: Value) => GroupKey];

/** Only arrays can be flattened. */
type FlatOf<Value> = [Value] extends [readonly unknown[]] ? [options?: { readonly flat: true }] : [];

/** Every join of the package, for the values that `process` returns. Each does what its namesake does. */
export interface Joins<Value> {
  all(...predicate: TruthOf<Value>): CallableJoin<Value, boolean>;
  any(...predicate: TruthOf<Value>): CallableJoin<Value, boolean>;
  bottom(n: number, ...by: SortedBy<Value>): CallableJoin<Value, Value[]>;
  collect(...options: FlatOf<Value>): CallableJoin<Value, number>;
  collect(options: CollectByOptions<Value>): CallableJoin<Value, number>;
  count(): CallableJoin<Value, number>;
  countIf(predicate: Predicate<Value>): CallableJoin<Value, number>;
  distinct(...selector: KeyedBy<Value>): CallableJoin<Value, Distinct>;
  first(): CallableJoin<Value, Value | null>;
  first<Kept>(selector: (value: Value) => Kept): CallableJoin<Value, Kept | null>;
  fold<Acc>(spec: FoldSpec<Value, Acc> & { finish?: undefined }): CallableJoin<Value, Acc>;
  fold<Acc, Result>(spec: FoldSpec<Value, Acc> & { finish(acc: Acc): Result }): CallableJoin<Value, Result>;
  groupBy<Result>(
    key: (value: Value) => GroupKey,
    join: JoinOrObject<Value, Result>,
  ): GroupedJoin<Value, Result>;
  histogram(edges: readonly number[], ...selector: NumberOf<Value>): CallableJoin<Value, Histogram>;
  last(): CallableJoin<Value, Value | null>;
  last<Kept>(selector: (value: Value) => Kept): CallableJoin<Value, Kept | null>;
  max(...selector: NumberOf<Value>): CallableJoin<Value, number | null>;
  maxBy(by: SortSelector<Value>): CallableJoin<Value, Value | null>;
  mean(...selector: NumberOf<Value>): CallableJoin<Value, number | null>;
  min(...selector: NumberOf<Value>): CallableJoin<Value, number | null>;
  minBy(by: SortSelector<Value>): CallableJoin<Value, Value | null>;
  quantiles(ranks: readonly number[], ...selector: NumberOf<Value>): CallableJoin<Value, Quantiles>;
  sample(n: number, options?: SampleOptions): CallableJoin<Value, Value[]>;
  stddev(...selector: NumberOf<Value>): CallableJoin<Value, number | null>;
  stddev(selector: Selector<Value>, options: VarianceOptions): CallableJoin<Value, number | null>;
  sum(...selector: NumberOf<Value>): CallableJoin<Value, number>;
  top(n: number, ...by: SortedBy<Value>): CallableJoin<Value, Value[]>;
  variance(...selector: NumberOf<Value>): CallableJoin<Value, number | null>;
  variance(selector: Selector<Value>, options: VarianceOptions): CallableJoin<Value, number | null>;
}

const JOINS = Object.freeze({
  all,
  any,
  bottom,
  collect,
  count,
  countIf,
  distinct,
  first,
  fold,
  groupBy,
  histogram,
  last,
  max,
  maxBy,
  mean,
  min,
  minBy,
  quantiles,
  sample,
  stddev,
  sum,
  top,
  variance,
});

export const JOIN_NAMES: readonly string[] = Object.keys(JOINS);

/** The joins themselves are the same for every type of value. */
export function joinsOf<Value>(): Joins<Value> {
  return JOINS;
}

/** Whether it is `count`, say, in place of `count()`. */
export function isUncalledJoin(value: unknown): boolean {
  return Object.values<unknown>(JOINS).includes(value);
}
