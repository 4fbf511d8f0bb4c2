/** Batches of only the first items of their input. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { LIMITED } from "../../../src/batch/spec.ts";
import { cancel } from "../../../src/batch/submit.ts";
import { planKey } from "../../../src/core/records/plan.ts";
import { from } from "../../../src/input/from.ts";
import { readerKinds } from "../../../src/input/kinds.ts";
import { collect } from "../../../src/joins/exact/count.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { countingJob, csvJob, inOrder, lineJob, upTo } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { StageOptions } from "../stage-spec.ts";

const LINES = Array.from({ length: 60 }, (_, n) => `${n}\n`);
const TEXT = LINES.join("");

/** Says which items its generator was asked for. */
function generatorJob(asked: number[]): Job {
  return defineJob({
    name: "made",
    input: from(function* () {
      for (let n = 0; ; n++) {
        asked.push(n);
        yield n;
      }
    }),
    process: (n: number) => n,
    join: { order: inOrder, all: collect() },
  });
}

const CASES: readonly (readonly [string, () => StageOptions])[] = [
  ["lines of one source", () => ({ job: lineJob(), inputs: { "a.txt": TEXT } })],
  ["lines of two sources", () => ({ job: lineJob(), inputs: twoSources("txt", (text) => text) })],
  ["packed lines", () => ({ job: lineJob(), inputs: twoSources("gz", gzipSync) })],
  ["integers", () => ({ job: countingJob(60) })],
  ["generated items", () => ({ job: generatorJob([]) })],
];

function twoSources(
  ending: string,
  packed: (text: string) => string | Uint8Array,
): NonNullable<StageOptions["inputs"]> {
  const [first, second] = [LINES.slice(0, 10).join(""), LINES.slice(10).join("")];
  return { [`a.${ending}`]: packed(first), [`b.${ending}`]: packed(second) };
}

describe.each(CASES)("the first items of %s", (_name, options) => {
  test.each([1, 9, 10, 11, 37])("%i of them", async (maxItems) => {
    for (const items of [1, 4, 1000]) {
      const one = await stage({ ...options(), maxItems, chunk: { items } });
      await one.submit();
      await one.pump();
      expect(one.result()).toEqual({ order: upTo(maxItems), all: maxItems });
      const totals = { succeeded: maxItems, failed: 0 };
      expect(one.batch()).toMatchObject({ state: "succeeded", short: false, totals });
    }
  });

  test.each(["before", "after"] as const)("with a planner that dies %s an effect", async (moment) => {
    for (let survived = 0; survived < 30; survived++) {
      const one = await stage({ ...options(), maxItems: 37, chunk: { items: 1 } });
      let effects = 0;
      await one.submit();
      one.hook = (_, when) => {
        if (when === moment && effects++ === survived) throw new Error("dies");
      };
      await one.pump();
      expect(one.result()).toEqual({ order: upTo(37), all: 37 });
    }
  });

  test("are planned to their end by a redrive, if the batch was cancelled before", async () => {
    const one = await stage({ ...options(), maxItems: 37, chunk: { items: 1 } });
    await one.submit();
    let sent = 0;
    one.hook = async ({ of, method }, when) => {
      if (method === "send" && of === "worker" && when === "after" && sent++ === 0)
        await cancel(one.ports, BATCH);
    };
    await one.step("coordinator");
    one.hook = () => undefined;
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "cancelled", short: true });
    expect(await redrive(one.ports, BATCH, null)).toBe(true);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "succeeded", short: false });
    expect(one.result()).toEqual({ order: upTo(37), all: 37 });
  });
});

test("two planners plan the same first items", async () => {
  const one = await stage({ job: lineJob(), inputs: { "x.txt": TEXT }, maxItems: 37, chunk: { bytes: 5 } });
  await one.submit();
  const plan = { kind: "plan", batch: BATCH, entry: 0 } as const;
  await Promise.all([one.deliver("coordinator", [plan]), one.deliver("coordinator", [plan])]);
  await one.pump();
  expect(one.result()).toEqual({ order: upTo(37), all: 37 });
});

test("a limit above what the input has changes nothing", async () => {
  const one = await stage({ job: lineJob(), inputs: { "x.txt": TEXT }, maxItems: 1_000 });
  await one.submit();
  await one.pump();
  expect(one.result()).toEqual({ order: upTo(60), all: 60 });
});

test("a generator is asked for no item beyond the last one", async () => {
  const asked: number[] = [];
  const one = await stage({ job: generatorJob(asked), maxItems: 7, chunk: { items: 3 } });
  await one.submit();
  await one.pump();
  expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test("a failed item has the place that it has in the whole input", async () => {
  const text = `id,note\n\n${Array.from({ length: 20 }, (_, n) => `${n},${n % 5 === 4 ? "bad" : "ok"}\n`).join("")}`;
  const failedOf = async (limit: { maxItems?: number }): Promise<unknown[]> => {
    const one = await stage({ job: csvJob(), inputs: { "a.csv": text }, chunk: { items: 3 }, ...limit });
    await one.submit();
    await one.pump();
    return one.failed().map(({ index, line, offset }) => ({ index, line, offset }));
  };
  const all = await failedOf({});
  expect(all).toHaveLength(4);
  expect(await failedOf({ maxItems: 12 })).toEqual(all.slice(0, 2));
});

test("a batch whose limit is planned has no redrive that plans on", async () => {
  const one = await stage({ job: countingJob(60), maxItems: 5, chunk: { items: 1 } });
  await one.submit();
  await one.pump();
  expect(await redrive(one.ports, BATCH, null)).toBe(false);
});

test("the record names a reader that an older fanjoin does not have, which refuses it", async () => {
  const one = await stage({ job: lineJob(), inputs: { "x.txt": TEXT }, maxItems: 5 });
  await one.submit();
  expect(one.batch()["input"]).toMatchObject({ reader: LIMITED, of: "lines", maxItems: 5 });
  expect(Object.keys(readerKinds)).not.toContain(LIMITED);
});

test("the plan says how many items it has, for the planner that takes over", async () => {
  const one = await stage({ job: lineJob(), inputs: { "x.txt": TEXT }, maxItems: 50, chunk: { items: 2 } });
  await one.submit();
  await one.step("coordinator");
  expect([0, 1].map((entry) => one.ledger.records.get(planKey(BATCH, entry))?.["items"])).toEqual([32, 50]);
  expect(one.ledger.records.get(planKey(BATCH, 2))).toEqual({ end: 25 });
});
