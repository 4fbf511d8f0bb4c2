/** Which chunks a redrive runs again, and which nodes it only merges again. */
import { expect, test } from "vitest";
import type { RedriveFilter } from "../../../src/core/failures/redrive-filter.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { cancel } from "../../../src/batch/submit.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { fold } from "../../../src/joins/fold.ts";
import { countingJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";

/** The chunks that a redrive sends, which are then run. */
async function sentBy(one: Stage, filter: RedriveFilter | null = null): Promise<number[]> {
  await redrive(one.ports, BATCH, filter);
  while ((await one.step("coordinator")) > 0);
  const messages = one.queue.take("worker", 1000) as ChunkMessage[];
  if (messages.length > 0) await one.deliver("worker", messages);
  await one.pump();
  expect(one.ended()).toBe(true);
  return messages.map(({ chunk }) => chunk);
}

test("a redrive of some error codes leaves out the chunks that never ran; a redrive of all runs them", async () => {
  let bad = 1;
  const job = countingJob(8, (n) => {
    if (n === bad) throw new TypeError("no");
    return n;
  });
  const one = await stage({ job, chunk: { items: 2 } });
  await one.submit();
  await one.step("coordinator");
  await one.step("worker", 2);
  await cancel(one.ports, BATCH);
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "cancelled", totals: { chunks: 2, lost: 2, failed: 1 } });
  bad = -1;
  expect(await sentBy(one, { codes: ["ITEM_FAILED"], classes: null })).toEqual([0]);
  expect(one.batch()).toMatchObject({ totals: { chunks: 2, lost: 2, succeeded: 4, failed: 0 } });
  expect(one.result()).toEqual({ order: "0,1,2,3,", all: 4 });
  expect(await sentBy(one)).toEqual([2, 3]);
  expect(one.result()).toEqual({ order: "0,1,2,3,4,5,6,7,", all: 8 });
});

test("where only the join had failed, no chunk is run again", async () => {
  let isBroken = true;
  const join = fold<number, number, number>({
    init: () => 0,
    add: (sum, n) => sum + n,
    merge: (left, right) => left + right,
    finish(sum) {
      if (isBroken) throw new Error("not yet");
      return sum;
    },
  });
  const one = await stage({ job: { ...countingJob(6), join }, chunk: { items: 2 } });
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "failed", error: { code: "MERGE_FAILED" } });
  isBroken = false;
  expect(await sentBy(one)).toEqual([]);
  expect([one.batch()["state"], one.result()]).toEqual(["succeeded", 15]);
});

test("where values could not be written, only their chunks are run again", async () => {
  let isBroken = true;
  const join = fold<number, unknown[]>({
    init: () => [],
    add: (all, n) => [...all, isBroken && n === 3 ? 3n : n],
    merge: (left, right) => [...left, ...right],
  });
  const one = await stage({ job: { ...countingJob(6), join }, chunk: { items: 2 } });
  await one.submit();
  await one.pump();
  isBroken = false;
  expect(await sentBy(one)).toEqual([1]);
  expect(one.result()).toEqual([0, 1, 2, 3, 4, 5]);
});
