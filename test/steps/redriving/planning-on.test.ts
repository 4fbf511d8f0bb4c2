/** A redrive of a batch that was asked to end while it was planned goes on planning. */
import { describe, expect, test } from "vitest";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { summarize } from "../../../src/batch/summary/summary.ts";
import { cancel } from "../../../src/batch/submit.ts";
import { defineJob } from "../../../src/job/job.ts";
import { from } from "../../../src/input/from.ts";
import { countingJob, inOrder, lineJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";
import type { StageOptions } from "../stage-spec.ts";

const order = (to: number): string => Array.from({ length: to }, (_, n) => `${n},`).join("");

/** A batch that is cancelled once its plan has `entries` entries. What was sent by then is run if `runs`. */
async function cancelled(options: StageOptions, entries: number, runs: boolean): Promise<Stage> {
  const one = await stage(options);
  let written = 0;
  one.hook = async ({ method, of }, when) => {
    if (method !== "update" || !of.startsWith("plan/") || when !== "after" || ++written !== entries) return;
    if (runs) while ((await one.step("worker")) > 0);
    await cancel(one.ports, BATCH);
  };
  await one.submit();
  if (entries === 0) await cancel(one.ports, BATCH);
  await one.pump();
  one.hook = () => undefined;
  expect(one.batch()).toMatchObject({ state: "cancelled", short: true });
  return one;
}

async function redriven(one: Stage): Promise<void> {
  expect(await redrive(one.ports, BATCH, null)).toBe(true);
  await one.pump();
}

const summaryOf = (one: Stage) => summarize(one.ledger, BATCH, one.batch(), (_, file) => file);

describe("after a redrive the whole input is done", () => {
  test.for<[string, number, boolean]>([
    ["before anything was planned", 0, false],
    ["after the first entry", 1, false],
    ["after the second entry, when some chunks had run", 2, true],
    ["after the fourth entry, when some chunks had run", 4, true],
  ])("of a batch that was cancelled %s", async ([, entries, runs]) => {
    const one = await cancelled({ job: countingJob(300), chunk: { items: 1 } }, entries, runs);
    await redriven(one);
    expect(one.batch()).toMatchObject({
      state: "succeeded",
      error: null,
      chunks: 300,
      short: false,
      totals: { chunks: 300, lost: 0, succeeded: 300, failed: 0, units: 300 },
    });
    expect(one.result()).toMatchObject({ order: order(300) });
    expect((await summaryOf(one)).items).toEqual({ total: 300, succeeded: 300, failed: 0, skipped: 0 });
  });

  test("of a batch that was cancelled, redriven and cancelled again", async () => {
    const one = await cancelled({ job: countingJob(300), chunk: { items: 1 } }, 2, true);
    await redrive(one.ports, BATCH, null);
    await one.step("coordinator", 1);
    await cancel(one.ports, BATCH);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "cancelled", generation: 1 });
    await redriven(one);
    expect(one.batch()).toMatchObject({ state: "succeeded", generation: 2, totals: { succeeded: 300 } });
    expect(one.result()).toMatchObject({ order: order(300) });
  });

  test("of lines, whose positions are those of one run", async () => {
    const text = Array.from({ length: 120 }, (_, n) => (n % 40 === 39 ? `bad ${n}` : `line ${n}`)).join("\n");
    const options = {
      job: lineJob((line: string) => {
        if (line.startsWith("bad")) throw new Error(line);
        return line;
      }),
      inputs: { "a.txt": text },
      chunk: { bytes: 20 },
    };
    const one = await cancelled(options, 2, true);
    expect((await summaryOf(one)).items).toMatchObject({ total: null, skipped: null });
    await redriven(one);
    const whole = await stage(options);
    await whole.submit();
    await whole.pump();
    expect(one.result()).toEqual(whole.result());
    const positions = ({
      index,
      line,
      offset,
    }: typeof whole.failed extends () => (infer L)[] ? L : never) => ({ index, line, offset });
    expect(one.failed().map(positions)).toEqual(whole.failed().map(positions));
    expect(one.batch()).toMatchObject({ state: "completed-with-failures", totals: { failed: 3, lost: 0 } });
  });

  test("of a generator", async () => {
    const job = defineJob<number, number>({
      name: "generated",
      input: from(function* () {
        for (let n = 0; n < 200; n++) yield n;
      }),
      process: (n) => n,
      join: { order: inOrder },
    });
    const one = await cancelled({ job, chunk: { items: 1 } }, 2, true);
    await redriven(one);
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 200 } });
    expect(one.result()).toMatchObject({ order: order(200) });
  });
});

test("the summary of a batch that was cancelled after its last entry knows every item", async () => {
  const one = await stage({ job: countingJob(4), chunk: { items: 2 } });
  await one.submit();
  await one.step("coordinator");
  await one.step("worker", 1);
  await cancel(one.ports, BATCH);
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "cancelled", short: false });
  expect((await summaryOf(one)).items).toEqual({ total: 4, succeeded: 2, failed: 0, skipped: 2 });
});

test("a redrive of some failed items does not go on planning", async () => {
  const one = await cancelled({ job: countingJob(300), chunk: { items: 1 } }, 2, true);
  await redrive(one.ports, BATCH, { codes: ["ITEM_FAILED"], classes: null });
  await one.pump();
  expect(one.batch()).toMatchObject({ short: true, totals: { failed: 0 } });
  expect(Number(one.batch()["chunks"])).toBeLessThan(300);
});

test("chunks that a redrive plans count for the failures that the job tolerates", async () => {
  const job = countingJob(300, (n) => {
    if (n >= 100) throw new Error("no");
    return n;
  });
  const options = { job, chunk: { items: 1 }, tolerate: { count: 3, percent: null } };
  const one = await cancelled(options, 2, true);
  await redriven(one);
  expect(one.batch()).toMatchObject({ state: "failed", error: { code: "TOO_MANY_FAILURES" }, short: false });
});
