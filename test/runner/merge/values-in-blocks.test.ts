/** Joined values of many groups are kept in blocks: the result is that of values in one piece. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Totals } from "../../../src/core/records/totals.ts";
import { range } from "../../../src/input/range.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { count } from "../../../src/joins/exact/count.ts";
import { sum } from "../../../src/joins/exact/sum.ts";
import { groupBy } from "../../../src/joins/groups/group-by.ts";
import type { LargeValues } from "../../../src/runner/contribution/value-blocks.ts";
import { createRunner } from "../../../src/runner/create-runner.ts";
import { stage } from "../../steps/stage.ts";
import type { Stage } from "../../steps/stage.ts";

const ITEMS = 260;

function grouping(groups: number, fails: (n: number) => boolean = () => false): Job {
  return defineJob<number, number>({
    name: "groups",
    input: range(ITEMS),
    retries: 0,
    process(n) {
      if (fails(n)) throw new RangeError(`no ${n}`);
      return n;
    },
    join: groupBy((n: number) => `g${n % groups}`, { n: count(), total: sum((n: number) => n / 4) }),
  });
}

async function worked(job: Job, items: number, largeValues?: LargeValues): Promise<Stage> {
  const one = await stage({ job, chunk: { items }, blockBytes: 1000 });
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const runner = createRunner({
    job,
    store: one.ports.store,
    log,
    signal: () => new AbortController().signal,
    interrupted: () => false,
    now: () => 0,
    random: () => 0,
    ...(largeValues ? { largeValues } : {}),
  });
  Object.assign(one.runner, runner);
  await one.submit();
  await one.pump();
  expect(one.ended()).toBe(true);
  return one;
}

const inBlocks = ({ store }: Stage): boolean =>
  store.names().some((name) => name.startsWith("partials/value"));

function countsOf(one: Stage): unknown {
  const { chunks, succeeded, failed, broken } = one.batch()["totals"] as unknown as Totals;
  return { chunks, succeeded, failed, broken };
}

test("from a number of groups on, any cut gives the result of values in one piece", async () => {
  const cases = fc.record({
    groups: fc.integer({ min: 1, max: 40 }),
    items: fc.integer({ min: 2, max: ITEMS }),
    fromGroups: fc.integer({ min: 1, max: 50 }),
    failing: fc.constantFrom(0, 17, 50),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ groups, items, fromGroups, failing }) => {
      const job = grouping(groups, (n) => failing > 0 && n % failing === 3);
      const whole = await worked(job, items);
      const blocks = await worked(job, items, { fromGroups, mostBytes: 1_000_000 });
      expect(inBlocks(whole)).toBe(false);
      expect(blocks.result()).toEqual(whole.result());
      expect(countsOf(blocks)).toEqual(countsOf(whole));
      // A failed item cuts the value of its chunk into segments, and a small chunk has few groups.
      const isOpen = fromGroups <= groups && (items < groups || failing > 0);
      expect(isOpen || inBlocks(blocks) === fromGroups <= groups).toBe(true);
    }),
    { numRuns: 15 },
  );
});

test("a value that is larger in blocks than it may be fails the join, with exact counts", async () => {
  const one = await worked(grouping(200), 130, { fromGroups: 1, mostBytes: 500 });
  expect(one.batch()).toMatchObject({
    state: "failed",
    error: {
      code: "JOIN_TOO_LARGE",
      message: expect.stringContaining("more than 500 characters of JSON, the limit is 500") as string,
    },
  });
  expect((one.batch()["totals"] as unknown as Totals).succeeded).toBe(ITEMS);
});
