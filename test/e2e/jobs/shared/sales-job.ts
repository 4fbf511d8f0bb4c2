/** Groups sales, folds them in order and collects them. A row's note may name a deed for its item. */
import {
  bottom,
  collect,
  count,
  csv,
  defineJob,
  distinct,
  fold,
  groupBy,
  last,
  quantiles,
  stddev,
  sum,
  top,
} from "fanjoin";
import type { JobSettings } from "../../../../src/job/job.ts";
import { DEEDS } from "./deeds.ts";

export interface JobContext {
  readonly signal: AbortSignal;
}

export interface Sale {
  readonly id: number;
  readonly country: string;
  readonly amount: number;
}

const amountOf = ({ amount }: Sale): number => amount;

export const BEST = top(3, amountOf);
/** The everyday joins, in groups with keys of two parts. */
export const EVERYDAY = groupBy((sale: Sale) => [sale.country, sale.amount > 500], {
  least: bottom(1, amountOf),
  ids: distinct((sale: Sale) => sale.id),
  last: last<Sale>(),
  spread: stddev(amountOf),
  median: quantiles([0.5], amountOf),
});

/** Exact for few sales; the names of ten thousand are so long that they are a sketch somewhere. */
export const NAMES = distinct(({ id, country }: Sale) => `${country} ${id}`.padEnd(40, "."));

const MODULUS = 1_000_003;

/** A digest that depends on the order of the rows. */
const digest = fold({
  init: () => ({ hash: 0, power: 1 }),
  add: (acc, sale: Sale) => ({
    hash: (acc.hash * 31 + sale.id) % MODULUS,
    power: (acc.power * 31) % MODULUS,
  }),
  merge: (a, b) => ({
    hash: (a.hash * b.power + b.hash) % MODULUS,
    power: (a.power * b.power) % MODULUS,
  }),
});

/** The sale of a row, after the deed that its note names. */
export async function saleOf(row: { readonly [column: string]: string }, context: JobContext): Promise<Sale> {
  await DEEDS[row["note"] ?? ""]?.(context);
  const amount = Number(row["amount"]);
  if (Number.isNaN(amount)) throw new TypeError(`no amount: ${row["amount"]}`);
  return { id: Number(row["id"]), country: row["country"] ?? "", amount };
}

export function salesJob(name: string, settings: JobSettings) {
  return defineJob({
    ...settings,
    name,
    input: csv(),
    process: saleOf,
    join: {
      countries: groupBy((sale: Sale) => sale.country, {
        n: count(),
        total: sum((sale: Sale) => sale.amount),
      }),
      digest,
      sales: collect(),
      best: BEST,
      everyday: EVERYDAY,
      names: NAMES,
    },
  });
}
