import { describe, expect, test } from "vitest";
import type { LiveFailures } from "../../src/core/failures/failure-summary.ts";
import type { Fields } from "../../src/core/records/record.ts";
import { failedSoFar } from "../../src/outputs/failed-so-far.ts";
import { LiveGroups } from "../../src/outputs/live-groups.ts";
import { defineJob } from "../../src/job/job.ts";
import { lines } from "../../src/input/lines.ts";
import { redrive } from "../../src/batch/steering/redrive.ts";
import { count } from "../../src/joins/exact/count.ts";
import { stage } from "../steps/stage.ts";
import { BATCH } from "../steps/stage-spec.ts";
import type { Stage } from "../steps/stage.ts";
import { plan } from "./settle.ts";

/** Items that end in 3 fail, and those that end in 7; `mended` takes the latter. */
const state = { mended: false };
const job = defineJob({
  name: "picky",
  input: lines(),
  join: count(),
  retries: 0,
  process(line: string) {
    if (line.endsWith("3")) throw new Error("threes are not taken");
    if (line.endsWith("7") && !state.mended) throw new RangeError("sevens are not taken");
    return 1;
  },
});

/** Chunks of ten lines; the text of their failed items is long, so that most of it is in the store. */
async function begun(items: number, pad = ""): Promise<Stage> {
  const text = Array.from({ length: items }, (_, n) => `${pad}${n}\n`).join("");
  const one = await stage({ job, inputs: { "a.txt": text }, chunk: { items: 10 }, blockBytes: 4096 });
  state.mended = false;
  await one.submit();
  await plan(one);
  return one;
}

/** Counts reads of ledger and store. */
function counting({ ledger, store }: Stage) {
  const reads = { count: 0, last: 0 };
  const source: ConstructorParameters<typeof LiveGroups>[0] = {
    ledger: { read: (keys, options) => (reads.count++, ledger.read(keys, options)) },
    store: { read: (...given) => (reads.count++, store.read(...given)) },
  };
  const groups = new LiveGroups(source);
  const of = async (fields: Fields): Promise<LiveFailures> => {
    const before = reads.count;
    const live = await groups.of(BATCH, fields);
    reads.last = reads.count - before;
    return live;
  };
  return { source, reads, of };
}

describe("the groups of failed items of a batch that runs", () => {
  test("grow with the chunks that are settled, in any order, and count each item once", async () => {
    const one = await begun(300);
    const { of } = counting(one);
    expect(await of(one.batch())).toEqual({ groups: [], others: 0, of: 0 });
    await one.step("worker", 12);
    expect(await of(one.batch())).toMatchObject({
      groups: [
        { count: 12, class: "Error", message: "threes are not taken", code: "ITEM_FAILED" },
        { count: 12, class: "RangeError" },
      ],
      of: 24,
    });
    // Nothing is new.
    expect(await of(one.batch())).toMatchObject({ of: 24 });
    await one.step("worker", 1000);
    const { groups, of: all } = await of(one.batch());
    expect(all).toBe(60);
    expect(groups.map((group) => group.count)).toEqual([30, 30]);
    expect(groups[0]?.items.map(({ item }) => item)).toEqual(["3", "13", "23"]);
    expect(groups[0]?.first).toHaveLength(20);
  });

  test("have the ids that they have after the end", async () => {
    const one = await begun(100);
    await one.step("worker", 1000);
    const { groups } = await counting(one).of(one.batch());
    await one.pump();
    const ids = new Set(groups.map(({ id }) => id));
    expect(ids.size).toBe(2);
    expect(new Set(one.failures()?.groups.map(({ id }) => id))).toEqual(ids);
  });

  test("cost a bounded number of reads each time, and are whole after some", async () => {
    const pad = "x".repeat(900);
    const one = await begun(2500, pad);
    await one.step("worker", 1000);
    const { of, reads } = counting(one);
    const seen: number[] = [];
    for (let asked = 0; asked < 60 && seen.at(-1) !== 500; asked++) {
      seen.push((await of(one.batch())).of);
      expect(reads.last).toBeLessThanOrEqual(50);
    }
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.at(-1)).toBe(500);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    await of(one.batch());
    // All leaves are full and read: only the end of the tree is looked for.
    expect(reads.last).toBe(1);
  });

  test("are of a redrive what fails again in it", async () => {
    const one = await begun(300);
    await one.pump();
    state.mended = true;
    await redrive(one.ports, BATCH, null);
    await plan(one);
    const { of, source } = counting(one);
    expect(await of(one.batch())).toMatchObject({ of: 0 });
    await one.step("worker", 10);
    const { groups, of: all } = await of(one.batch());
    expect(groups.map((group) => group.message)).toEqual(["threes are not taken"]);
    expect(all).toBe(10);
    const wanted = { from: { chunk: 0, lines: 0 }, isWanted: () => true, limit: 100 };
    const page = await failedSoFar(source, { batch: BATCH, fields: one.batch() }, wanted);
    expect(page.lines).toHaveLength(10);
    expect(page.lines.every(({ attempts }) => attempts === 2)).toBe(true);
  });
});

test("pages of failed items give each of them once, though a page reads a bounded part", async () => {
  const one = await begun(2500, "x".repeat(900));
  await one.step("worker", 1000);
  const { source, reads } = counting(one);
  const found: (string | null)[] = [];
  let from: { readonly chunk: number; readonly lines: number } | null = { chunk: 0, lines: 0 };
  let pages = 0;
  for (; from; pages++) {
    const before = reads.count;
    const page = await failedSoFar(
      source,
      { batch: BATCH, fields: one.batch() },
      { from, isWanted: ({ error }) => error.name === "RangeError", limit: 7 },
    );
    expect(reads.count - before).toBeLessThanOrEqual(80);
    expect(page.lines.length).toBeLessThanOrEqual(7);
    found.push(...page.lines.map(({ item }) => item));
    from = page.next;
  }
  expect(found.map((item) => Number(item?.replaceAll("x", "")))).toEqual(
    Array.from({ length: 250 }, (_, n) => 10 * n + 7),
  );
  expect(pages).toBeGreaterThan(35);
});
