import { expect, test } from "vitest";
import { collect } from "../../src/joins/exact/count.ts";
import { fold } from "../../src/joins/fold.ts";
import { range } from "../../src/input/range.ts";
import { defineJob } from "../../src/job/job.ts";
import type { Job } from "../../src/job/job.ts";
import type { NodeMessage } from "../../src/core/records/message.ts";
import type { Totals } from "../../src/core/records/totals.ts";
import { cancel } from "../../src/batch/submit.ts";
import { countingJob, upTo } from "./jobs.ts";
import { stage } from "./stage.ts";
import { BATCH } from "./stage-spec.ts";
import type { Stage } from "./stage.ts";

/** A batch with all chunks run and nothing joined. */
async function worked(job: Job, items = 1): Promise<Stage> {
  const one = await stage({ job, chunk: { items }, blockBytes: 65_536 });
  await one.submit();
  while ((await one.step("coordinator")) + (await one.step("worker", 10)) > 0);
  expect(one.log).toEqual([]);
  return one;
}

function folding(spec: Partial<Parameters<typeof fold<number, string>>[0]>, items = 250): Job {
  return defineJob({
    name: "folding",
    input: range(items),
    process: (n) => n,
    join: fold<number, string>({
      init: () => "",
      add: (acc, n) => `${acc}${n},`,
      merge: (a, b) => a + b,
      ...spec,
    }),
  });
}

test("the tree is joined, whichever node is final first", async () => {
  const one = await worked(countingJob(350));
  const messages = one.queue.take("join");
  for (const message of messages.toReversed()) await one.deliver("join", [message]);
  await one.pump();
  expect(one.result()).toEqual({ order: upTo(350), all: 350 });
});

test("a join that is delivered twice is counted once, and the batch is closed once", async () => {
  const one = await worked(countingJob(250));
  for (let messages = one.queue.take("join"); messages.length > 0; messages = one.queue.take("join")) {
    for (const message of messages) {
      await one.deliver("join", [message]);
      await one.deliver("join", [message]);
    }
  }
  expect(one.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 250, succeeded: 250 } });
  const { endedAt, result } = one.batch();
  one.clock.advance(1000);
  await one.deliver("join", [
    { kind: "merge", node: { batch: BATCH, generation: 0, level: 1, index: 0 }, attempt: 1 },
  ]);
  expect(one.batch()).toMatchObject({ endedAt, result });
});

test("a join that died between its settle and the next step leaves nothing undone", async () => {
  const one = await worked(countingJob(250));
  const messages = one.queue.take("join") as NodeMessage[];
  one.hook = ({ method }, when) => {
    if (method === "send" && when === "before") throw new Error("dies");
  };
  const deaths: NodeMessage[] = [];
  for (const message of messages) await one.deliver("join", [message]).catch(() => deaths.push(message));
  one.hook = () => undefined;
  expect(deaths.length).toBeGreaterThan(0);
  for (const message of deaths) await one.deliver("join", [message], 2);
  await one.pump();
  expect(one.result()).toEqual({ order: upTo(250), all: 250 });
});

test("a cancel that is accepted while the result is committed is never reported as something else", async () => {
  const one = await worked(countingJob(5));
  let asked = false;
  one.hook = async ({ method, of }, when) => {
    if (asked || method !== "update" || of !== `batch/${BATCH}` || when !== "before") return;
    asked = true;
    expect(await cancel(one, BATCH)).toBe(true);
  };
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "cancelled", error: { code: "CANCELLED" } });
  expect(one.result()).toEqual({ order: upTo(5), all: 5 });
  expect(await cancel(one.ports, BATCH)).toBe(false);
});

test.each([
  [
    "merge",
    {
      merge: () => {
        throw new Error("cannot merge");
      },
    },
    /cannot merge/,
  ],
  [
    "finish",
    {
      finish: () => {
        throw new Error("cannot finish");
      },
    },
    /cannot finish/,
  ],
  ["a result that JSON cannot hold", { finish: () => ({ n: 1n }) }, /a value whose \.n is a bigint/],
  ["a result that is a function", { finish: () => () => 1 }, /function/],
])("%s that fails is MERGE_FAILED: no result, exact counts", async (_, spec, message) => {
  const one = await worked(folding(spec as never));
  await one.pump();
  expect(one.log).toEqual([]);
  expect(one.batch()).toMatchObject({
    state: "failed",
    error: { code: "MERGE_FAILED", message: expect.stringMatching(message) as string },
    totals: { chunks: 250, succeeded: 250, broken: 0 },
  });
  expect(one.result()).toBeUndefined();
});

test("a merge that fails keeps the outputs and the failed items", async () => {
  const broken = fold<unknown, number>({
    init: () => 0,
    add: (acc) => acc + 1,
    merge: () => {
      throw new Error("cannot merge");
    },
  });
  const job = defineJob({
    name: "broken",
    input: range(120),
    process(n) {
      if (n === 60) throw new TypeError("sixty");
      return n;
    },
    join: { broken, all: collect() },
  }) as Job;
  const one = await worked(job);
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "failed", error: { code: "MERGE_FAILED" } });
  expect(one.outputs().length).toBe(119);
  expect(one.failed()).toMatchObject([{ index: 60 }]);
});

test("a joined value beyond the limit of an in-memory join is JOIN_TOO_LARGE", async () => {
  const large = "x".repeat(1024 * 1024);
  const one = await worked(folding({ add: (acc) => acc + large, merge: (a, b) => a + b }, 70));
  await one.pump();
  expect(one.batch()).toMatchObject({
    state: "failed",
    error: { code: "JOIN_TOO_LARGE", message: expect.stringContaining("collect()") as string },
    totals: { succeeded: 70 },
  });
});

test("a missing partial that the ledger names is an error to retry, never an empty value", async () => {
  const one = await worked(countingJob(3), 3);
  const [partial = "", fields = {}] =
    [...one.ledger.records].find(([key]) => key.startsWith("partial/")) ?? [];
  one.ledger.records.delete(partial);
  const [message] = one.queue.take("join") as [NodeMessage];
  await expect(one.deliver("join", [message])).rejects.toThrow(partial);
  expect(one.ended()).toBe(false);
  one.ledger.records.set(partial, fields);
  await one.deliver("join", [message], 2);
  expect(one.result()).toEqual({ order: upTo(3), all: 3 });
});

test("a batch that ends early is sealed leaf by leaf, and its settled chunks are its result", async () => {
  const one = await stage({ job: countingJob(350), chunk: { items: 1 } });
  await one.submit();
  await one.step("coordinator");
  const chunks = one.queue.take("worker");
  await one.deliver("worker", chunks.slice(5, 8));
  await one.deliver("worker", chunks.slice(220, 222));
  await cancel(one.ports, BATCH);
  await one.pump();
  const totals = one.batch()["totals"] as unknown as Totals;
  expect(one.batch()).toMatchObject({ state: "cancelled", chunks: 350 });
  expect(totals).toMatchObject({ chunks: 5, lost: 345, succeeded: 5 });
  expect(one.result()).toEqual({ order: "5,6,7,220,221,", all: 5 });
  // Late workers change nothing.
  await one.deliver("worker", chunks.slice(0, 50));
  await one.pump();
  expect(one.batch()["totals"]).toEqual(totals);
});
