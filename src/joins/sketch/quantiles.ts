import { invalid, show } from "../../option-check.ts";
import type { Json } from "../../core/json/json.ts";
import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { numberOf } from "../selector.ts";
import type { Selector } from "../selector.ts";
import { DdSketch } from "./dd-sketch.ts";

/** Numbers by their quantile: `{ "0.5": 12.1, "0.99": 80.4 }`. `null` without items. */
export interface Quantiles {
  [quantile: string]: number | null;
}

/**
 * Quantiles from 0 to 1, with a relative error of 1 % of each value: `quantiles([0.5, 0.99], row => row.ms)`.
 * The quantile q of n numbers is the one at place q·(n − 1), rounded down, of their sorted list. 0 and 1 are
 * the exact minimum and maximum. Throws `JOB_INVALID` for quantiles that are not from 0 to 1.
 */
export function quantiles(ranks: readonly number[]): CallableJoin<number, Quantiles>;
export function quantiles<Value>(
  ranks: readonly number[],
  selector: Selector<Value>,
): CallableJoin<Value, Quantiles>;
export function quantiles<Value>(
  ranks: readonly number[],
  selector?: Selector<Value>,
): CallableJoin<Value, Quantiles> {
  const wanted = checked(ranks);
  return callable({
    init: () => new DdSketch(),
    prepare: numberOf("quantiles", selector),
    add(acc: DdSketch, value: number) {
      acc.add(value);
      return acc;
    },
    merge(left, right) {
      left.merge(right);
      return left;
    },
    finish(acc): Quantiles {
      const values = acc.quantiles(wanted);
      return Object.fromEntries(wanted.map((rank, at) => [`${rank}`, values[at] ?? null]));
    },
    encode: (acc) => acc.toJSON(),
    decode: (json: Json) => DdSketch.from(json),
    outputs: false,
  });
}

function checked(ranks: readonly number[]): readonly number[] {
  const given: unknown = ranks;
  const areRanks = Array.isArray(given) && given.length > 0 && ranks.every((rank) => rank >= 0 && rank <= 1);
  if (areRanks) return ranks.map((rank) => rank + 0);
  throw invalid(
    `the first argument of quantiles() has to be a list of numbers from 0 to 1, but is ${show(given)}: quantiles([0.5, 0.99], row => row.ms).`,
  );
}
