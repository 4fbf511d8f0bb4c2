import { describe, expect, test } from "vitest";
import type { ChunkMessage } from "../../src/core/records/message.ts";
import type { JobSettings } from "../../src/job/job.ts";
import { redrive } from "../../src/batch/steering/redrive.ts";
import { sweeper } from "../../src/steps/sweeper.ts";
import { countingJob, lineJob, upTo } from "./jobs.ts";
import { stage } from "./stage.ts";
import { BATCH } from "./stage-spec.ts";
import type { Stage } from "./stage.ts";

const counter = (one: Stage): unknown => one.ledger.records.get(`failures/${BATCH}`);

/** Runs a batch, the workers of which get one chunk at a time. */
async function run(one: Stage): Promise<void> {
  await one.submit();
  await one.step("coordinator");
  for (const chunk of one.queue.take("worker") as ChunkMessage[]) await one.deliver("worker", [chunk]);
  await one.pump();
}

const odd = (n: number): number => {
  if (n % 2 === 1) throw new TypeError("odd");
  return n;
};
const oddLine = (line: string): string => String(odd(Number(line)));
const HUNDRED = { "x.txt": upTo(100).replaceAll(",", "\n") };

describe("a tolerated share", () => {
  test("of a known number of items ends the batch once it cannot be met", async () => {
    const one = await stage({
      job: countingJob(100, odd, { tolerate: { percent: 10 } }),
      chunk: { items: 1 },
    });
    await run(one);
    expect(one.batch()).toMatchObject({
      state: "failed",
      error: { message: "11 items failed, the job tolerates 10 % of 100" },
      totals: { failed: 11, succeeded: 11 },
    });
  });

  test("with a sample ends the batch once the sample is bad", async () => {
    const job = lineJob(oddLine, { tolerate: { percent: 10, sample: 30 } });
    const one = await stage({ job, inputs: HUNDRED, chunk: { items: 1 } });
    await run(one);
    expect(one.batch()).toMatchObject({
      state: "failed",
      error: { message: "15 of the first 30 items failed, the job tolerates 10 %" },
      totals: { failed: 15, succeeded: 15 },
    });
  });

  test("with a sample reads the tree again only once more items have failed than it tolerated then", async () => {
    const few = (line: string): string => {
      if (Number(line) % 20 === 0) throw new TypeError("no");
      return line;
    };
    async function readsWith(tolerate: JobSettings["tolerate"]): Promise<number> {
      const one = await stage({ job: lineJob(few, { tolerate }), inputs: HUNDRED, chunk: { items: 20 } });
      let reads = 0;
      one.hook = ({ method, of }, when) => {
        if (method === "read" && when === "before" && of.includes("/0/0/")) reads += 1;
      };
      await run(one);
      expect(one.batch()).toMatchObject({ state: "completed-with-failures", totals: { failed: 5 } });
      return reads;
    }
    expect(await readsWith({ percent: 30, sample: 1 })).toBe((await readsWith(undefined)) + 1);
  });
});

describe("enough", () => {
  test("items end the batch with what is settled, and a redrive does the rest", async () => {
    const job = countingJob(10, (n) => n, { enough: { items: 3 } });
    const one = await stage({ job, chunk: { items: 2 } });
    await run(one);
    expect(one.batch()).toMatchObject({
      state: "succeeded",
      enough: "4 items succeeded, 3 are enough",
      totals: { succeeded: 4, lost: 3 },
    });
    expect(one.result()).toEqual({ order: upTo(4), all: 4 });
    await redrive(one.ports, BATCH, null);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 10, lost: 0 } });
    expect(one.batch()).not.toHaveProperty("enough");
    expect(one.result()).toEqual({ order: upTo(10), all: 10 });
  });

  test("failed items are done, but they are not among the items that are enough", async () => {
    const job = countingJob(10, odd, { enough: { items: 3 } });
    const one = await stage({ job, chunk: { items: 1 } });
    await run(one);
    expect(one.batch()).toMatchObject({
      state: "completed-with-failures",
      totals: { succeeded: 3, failed: 2, lost: 5 },
    });
  });

  test("percent of the input end the batch", async () => {
    const job = lineJob((line) => line, { enough: { percent: 50 } });
    const inputs = { "x.txt": "a\nb\nc\nd\ne\nf\n" };
    const one = await stage({ job, inputs, chunk: { items: 1 } });
    await run(one);
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 3, lost: 3 } });
  });

  test("a time ends the batch, and its deadline is stricter", async () => {
    const job = countingJob(10, (n) => n, { enough: { afterMs: 500 } });
    const one = await stage({ job, chunk: { items: 2 } });
    await one.submit();
    await one.step("coordinator");
    await one.step("worker", 2);
    one.clock.advance(499);
    await sweeper(one.ports);
    expect(one.batch()["ending"]).toBeUndefined();
    one.clock.advance(1);
    await sweeper(one.ports);
    await one.pump();
    expect(one.batch()).toMatchObject({
      state: "succeeded",
      enough: "it was to end at 2026-01-01T00:00:00.500Z with what was done by then",
      totals: { chunks: 2, lost: 3 },
    });
    const late = await stage({ job, chunk: { items: 2 }, deadlineMs: 400 });
    await late.submit();
    late.clock.advance(500);
    await sweeper(late.ports);
    await late.pump();
    expect(late.batch()).toMatchObject({ state: "failed", error: { code: "DEADLINE_EXCEEDED" } });
  });

  test("a batch without limits keeps no counter", async () => {
    const one = await stage({ job: countingJob(10, odd), chunk: { items: 1 } });
    await run(one);
    expect(counter(one)).toBeUndefined();
  });
});
