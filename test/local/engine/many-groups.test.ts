/** Joined values with many groups are kept in blocks: results, partials and redrives are as ever. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bench, specFor } from "./engines.ts";

const ITEMS = 60_000;
const GROUPS = 30_000;
const FAILING = [7, 12_345, 59_999];

function jobText(failing: readonly number[]): string {
  return `
    import { defineJob, range } from "fanjoin";
    const failing = new Set(${JSON.stringify(failing)});
    export default defineJob({
      name: "many-groups", input: range(${ITEMS}), retries: 0,
      process(n) {
        if (failing.has(n)) throw new RangeError("no " + n);
        return n;
      },
      join: (j) => ({
        groups: j.groupBy((n) => "g" + ((n * 7919) % ${GROUPS}), { n: j.count(), total: j.sum((n) => n / 8), last: j.last() }),
        nested: j.groupBy((n) => n % 2 === 0, j.groupBy((n) => n % ${GROUPS}, j.count())),
        best: j.groupBy((n) => n % ${GROUPS}, j.sum()).orderBy((total) => total, "desc").limit(2),
      }),
    });`;
}

interface Found {
  readonly groups: { readonly [key: string]: { n: number; total: number; last: number } };
  readonly nested: { readonly [key: string]: { readonly [key: string]: number } };
  readonly best: readonly unknown[];
}

/** What a loop comes to. */
function expected(failing: readonly number[]): string {
  const groups = new Map<string, { n: number; total: number; last: number }>();
  const nested = { true: {} as { [key: string]: number }, false: {} as { [key: string]: number } };
  const sums = new Map<number, number>();
  for (let n = 0; n < ITEMS; n++) {
    if (failing.includes(n)) continue;
    const key = `g${(n * 7919) % GROUPS}`;
    const group = groups.get(key);
    groups.set(key, { n: (group?.n ?? 0) + 1, total: (group?.total ?? 0) + n / 8, last: n });
    const half = nested[`${n % 2 === 0}`];
    half[n % GROUPS] = (half[n % GROUPS] ?? 0) + 1;
    sums.set(n % GROUPS, (sums.get(n % GROUPS) ?? 0) + n);
  }
  const best = Array.from(sums, ([key, value]) => ({ key: `${key}`, value })).toSorted(
    (a, b) => b.value - a.value,
  );
  const found: Found = { groups: Object.fromEntries(groups), nested, best: best.slice(0, 2) };
  return `${JSON.stringify(found)}\n`;
}

test("the result is that of a loop, also after a redrive of failed items, on two levels of the tree", async () => {
  const at = bench();
  const job = at.write("many.ts", jobText(FAILING));
  const engine = await at.open();
  // 150 chunks: two leaves, whose values have all groups.
  const spec = specFor(await engine.load(job, null), { items: 400 });
  await engine.submit(spec);
  await engine.finished(spec.batch);
  const result = (): string => readFileSync(at.path("state", "batches", spec.batch, "result.json"), "utf8");
  expect(result()).toBe(expected(FAILING));
  at.write("many.ts", jobText([]));
  await engine.stop();
  const again = await at.open();
  await again.load(job, null);
  await again.redrive(spec.batch, null);
  await again.finished(spec.batch);
  expect(result()).toBe(expected([]));
});
