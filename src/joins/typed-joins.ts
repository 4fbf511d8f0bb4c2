/**
 * The joins with their value's type filled in: the argument of a `join` that is a function. It is only called
 * once the type that `process` returns is known, so no selector needs a type of its own.
 */
import type { CallableJoin } from "./callable.ts";
import { collect, count } from "./count.ts";
import { max, min } from "./extremes.ts";
import { fold } from "./fold.ts";
import type { FoldSpec } from "./fold.ts";
import { groupBy } from "./group-by.ts";
import type { GroupKey, Groups } from "./group-by.ts";
import { mean } from "./mean.ts";
import type { JoinOrObject } from "./object-join.ts";
import type { Selector } from "./selector.ts";
import { sum } from "./sum.ts";

/** Numbers need no selector. */
type NumberOf<Value> = [Value] extends [number] ? [selector?: Selector<Value>] : [selector: Selector<Value>];

/** Only arrays can be flattened. */
type FlatOf<Value> = [Value] extends [readonly unknown[]] ? [options?: { readonly flat: true }] : [];

/** Every join of the package, for the values that `process` returns. Each does what its namesake does. */
export interface Joins<Value> {
  collect(...options: FlatOf<Value>): CallableJoin<Value, number>;
  count(): CallableJoin<Value, number>;
  fold<Acc>(spec: FoldSpec<Value, Acc> & { finish?: undefined }): CallableJoin<Value, Acc>;
  fold<Acc, Result>(spec: FoldSpec<Value, Acc> & { finish(acc: Acc): Result }): CallableJoin<Value, Result>;
  groupBy<Result>(
    key: (value: Value) => GroupKey,
    join: JoinOrObject<Value, Result>,
  ): CallableJoin<Value, Groups<Result>>;
  max(...selector: NumberOf<Value>): CallableJoin<Value, number | null>;
  mean(...selector: NumberOf<Value>): CallableJoin<Value, number | null>;
  min(...selector: NumberOf<Value>): CallableJoin<Value, number | null>;
  sum(...selector: NumberOf<Value>): CallableJoin<Value, number>;
}

const JOINS = Object.freeze({ collect, count, fold, groupBy, max, mean, min, sum });

export const JOIN_NAMES: readonly string[] = Object.keys(JOINS);

/** The joins themselves are the same for every type of value. */
export function joinsOf<Value>(): Joins<Value> {
  return JOINS;
}

/** Whether it is `count`, say, in place of `count()`. */
export function isUncalledJoin(value: unknown): boolean {
  return Object.values<unknown>(JOINS).includes(value);
}
