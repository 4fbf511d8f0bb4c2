/**
 * A job that groups, folds in order and collects, a CSV file for it, and the expected files, computed without
 * fanjoin. The everyday joins have to come to what one pass over all values gives.
 */
import { BEST, EVERYDAY, NAMES } from "./jobs/shared/sales-job.ts";

export const JOB = `
import { setTimeout as sleep } from "node:timers/promises";
import { bottom, collect, count, csv, defineJob, distinct, fold, groupBy, last, quantiles, stddev, sum, top } from "fanjoin";
export default defineJob({
  name: "sales",
  input: csv(),
  concurrency: 4,
  async process(row) {
    await sleep(6);
    const amount = Number(row.amount);
    if (Number.isNaN(amount)) throw new TypeError("no amount: " + row.amount);
    return { id: Number(row.id), country: row.country, amount };
  },
  join: {
    countries: groupBy((sale) => sale.country, { n: count(), total: sum((sale) => sale.amount) }),
    digest: fold({
      init: () => ({ hash: 0, power: 1 }),
      add: (acc, sale) => ({ hash: (acc.hash * 31 + sale.id) % 1000003, power: (acc.power * 31) % 1000003 }),
      merge: (a, b) => ({ hash: (a.hash * b.power + b.hash) % 1000003, power: (a.power * b.power) % 1000003 }),
    }),
    sales: collect(),
    best: top(3, (sale) => sale.amount),
    everyday: groupBy((sale) => [sale.country, sale.amount > 500], {
      least: bottom(1, (sale) => sale.amount), ids: distinct((sale) => sale.id), last: last(),
      spread: stddev((sale) => sale.amount), median: quantiles([0.5], (sale) => sale.amount),
    }),
    names: distinct(({ id, country }) => (country + " " + id).padEnd(40, ".")),
  },
});
`;

export interface Row {
  readonly id: number;
  readonly country: string;
  /** `null`: the row has no amount, and fails. */
  readonly amount: number | null;
  readonly note: string;
}

const COUNTRIES = ["PT", "ES", "FR", "DE", "AT", "IT", "CH"];

export function rowsFor(count: number): Row[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    country: COUNTRIES[(id * id) % COUNTRIES.length] ?? "",
    amount: id % 97 === 13 ? null : (id * 37) % 1000,
    note: id % 11 === 0 ? `"two\nlines, ""quoted"""` : "plain",
  }));
}

const HEADER = "id,country,amount,note\n";

function recordOf({ id, country, amount, note }: Row): string {
  return `${id},${country},${amount ?? "none"},${note}`;
}

export function textOf(rows: readonly Row[]): string {
  return HEADER + rows.map((row) => `${recordOf(row)}\n`).join("");
}

export function resultOf(rows: readonly Row[]): unknown {
  const countries: { [country: string]: { n: number; total: number } } = {};
  let hash = 0;
  let power = 1;
  let sales = 0;
  for (const { id, country, amount } of rows) {
    if (amount === null) continue;
    const group = (countries[country] ??= { n: 0, total: 0 });
    group.n++;
    group.total += amount;
    hash = (hash * 31 + id) % 1000003;
    power = (power * 31) % 1000003;
    sales++;
  }
  const values = rows.flatMap(({ id, country, amount }) =>
    amount === null ? [] : [{ id, country, amount }],
  );
  const digest = { hash, power };
  const names = NAMES(values);
  return { countries, digest, sales, best: BEST(values), everyday: EVERYDAY(values), names };
}

export function outputsOf(rows: readonly Row[]): string {
  const good = rows.filter(({ amount }) => amount !== null);
  return good.map(({ id, country, amount }) => `${JSON.stringify({ id, country, amount })}\n`).join("");
}

/** `policy`: what lines say where the job tries such an item once only. */
export function failedOf(rows: readonly Row[], chunkItems: number, policy: { noRetry?: true } = {}): string {
  let offset = HEADER.length;
  let line = 2;
  let text = "";
  rows.forEach((row, index) => {
    const item = recordOf(row);
    if (row.amount === null) {
      const error = { name: "TypeError", message: "no amount: none" };
      const chunk = Math.floor(index / chunkItems);
      const lines = item.split("\n").length;
      const size = lines > 1 ? { lines } : {};
      text += `${JSON.stringify({ source: "sales.csv", index, line, ...size, offset, chunk, attempts: 1, ...policy, code: "ITEM_FAILED", error, item })}\n`;
    }
    offset += item.length + 1;
    line += item.split("\n").length;
  });
  return text;
}
