import { expect, test } from "vitest";
import { scheduler } from "../../src/dev/scheduler.ts";
import { allBatches } from "../../src/batch/list.ts";
import type { JobSettings } from "../../src/job/job.ts";
import { apiStage } from "../api/api-stage.ts";
import { countingJob } from "../steps/jobs.ts";

const MINUTE_MS = 60_000;

/** The clock of a stage begins at midnight. */
async function running(schedule: JobSettings["schedule"]) {
  const api = await apiStage(countingJob(10, undefined, { schedule }));
  const log: string[] = [];
  const one = scheduler(api.host, (line) => log.push(line));
  const after = async (minutes: number): Promise<number> => {
    api.stage.clock.advance(minutes * MINUTE_MS);
    await one.check();
    let batches = 0;
    for await (const _ of allBatches(api.host.ledger)) batches++;
    return batches;
  };
  return { api, log, after };
}

test("a batch starts in each minute in which the schedule is due, and in no other one", async () => {
  const { api, after } = await running("*/5 * * * *");
  expect(await after(4)).toBe(0);
  expect(await after(1)).toBe(1);
  expect(await after(0)).toBe(1);
  await api.stage.pump();
  expect(await after(4)).toBe(1);
  expect(await after(2)).toBe(2);
});

test("a machine that was asleep does not make up for all that it has missed", async () => {
  const { after } = await running("0 * * * *");
  expect(await after(30 * 60 + 30)).toBe(0);
  expect(await after(30)).toBe(1);
});

test("a skipped time is logged, and a queued one starts once the last batch has ended", async () => {
  const skipping = await running("* * * * *");
  expect(await skipping.after(1)).toBe(1);
  expect(await skipping.after(1)).toBe(1);
  expect(skipping.log).toEqual([
    expect.stringMatching(
      /^schedule of counting 2026-01-01T00:02Z: skipped, batch \w+ has not ended$/,
    ) as string,
  ]);
  const queueing = await running({ cron: "*/10 * * * *", overlap: "queue" });
  expect(await queueing.after(10)).toBe(1);
  expect(await queueing.after(10)).toBe(1);
  await queueing.api.stage.pump();
  expect(await queueing.after(1)).toBe(2);
});

test("a schedule that cannot be kept is logged, and the others are", async () => {
  const { after, log } = await running({ cron: "* * * * *", input: { object: "s3://ours/inputs/no" } });
  expect(await after(1)).toBe(0);
  expect(log).toEqual([
    expect.stringMatching(/^schedule of counting 2026-01-01T00:01Z: no batch was started: /) as string,
  ]);
});
