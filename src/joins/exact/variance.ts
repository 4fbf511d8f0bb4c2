import { group } from "../../option-check.ts";
import type { Json } from "../../core/json/json.ts";
import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { numberOf } from "../selector.ts";
import type { Selector } from "../selector.ts";
import { divideSquares, rootOfSquares } from "./fixed-point.ts";
import { Moments } from "./moments.ts";
import { withinRange } from "./within-range.ts";

/** Which variance is meant. */
export interface VarianceOptions {
  /** The items are all there are, and no sample: divides by their number n, and not by n − 1. */
  readonly population?: boolean | undefined;
}

/**
 * The variance of a sample (n − 1), from exact sums and rounded once. `null` for fewer than two items; with
 * `population` for none. A variance beyond the largest double fails the batch (`MERGE_FAILED`).
 */
export function variance(): CallableJoin<number, number | null>;
export function variance<Value>(selector: Selector<Value>): CallableJoin<Value, number | null>;
export function variance<Value>(
  selector: Selector<Value>,
  options: VarianceOptions,
): CallableJoin<Value, number | null>;
export function variance<Value>(
  selector?: Selector<Value>,
  options?: VarianceOptions,
): CallableJoin<Value, number | null> {
  return spread("variance", selector, options, divideSquares);
}

/** The standard deviation: the root of `variance`, rounded once, with the same options. */
export function stddev(): CallableJoin<number, number | null>;
export function stddev<Value>(selector: Selector<Value>): CallableJoin<Value, number | null>;
export function stddev<Value>(
  selector: Selector<Value>,
  options: VarianceOptions,
): CallableJoin<Value, number | null>;
export function stddev<Value>(
  selector?: Selector<Value>,
  options?: VarianceOptions,
): CallableJoin<Value, number | null> {
  return spread("stddev", selector, options, rootOfSquares);
}

function spread<Value>(
  name: string,
  selector: Selector<Value> | undefined,
  options: VarianceOptions | undefined,
  round: (numerator: bigint, denominator: bigint) => number,
): CallableJoin<Value, number | null> {
  const { population = false } = group(options, `the second argument of ${name}`, ["population"]);
  const less = population === true ? 0 : 1;
  return callable({
    init: () => new Moments(),
    prepare: numberOf(name, selector),
    add(acc: Moments, value: number) {
      acc.add(value);
      return acc;
    },
    merge(left, right) {
      left.addMoments(right);
      return left;
    },
    finish(acc) {
      if (acc.count <= less) return null;
      const n = BigInt(acc.count);
      return withinRange(round(acc.spread(), n * (n - BigInt(less))));
    },
    encode: (acc) => acc.toJSON(),
    decode: (json: Json) => Moments.from(json),
    outputs: false,
  });
}
