/** The group-by in one form, so that contestants can be compared and threads' parts added. */
import { createHash } from "node:crypto";

export interface Group {
  total: number;
  n: number;
}

export type Groups = Map<string, Group>;

export function addGroups(sum: Groups, more: Groups): Groups {
  for (const [country, { total, n }] of more) {
    const group = sum.get(country);
    if (group === undefined) sum.set(country, { total, n });
    else {
      group.total += total;
      group.n += n;
    }
  }
  return sum;
}

/**
 * Amounts have two decimals, so sums are compared at two: plain additions round differently in every order.
 */
export function answerOf(groups: Iterable<readonly [string, Group]>): string {
  const rounded = Array.from(groups, ([country, { total, n }]) => `${country} ${total.toFixed(2)} ${n}`);
  return createHash("sha256").update(rounded.toSorted().join("\n")).digest("hex").slice(0, 16);
}
