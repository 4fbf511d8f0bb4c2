/** Pausing a batch and going on with it, step by step. */
import { expect, test } from "vitest";
import { pause, resume } from "../../../src/batch/steering/pausing.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { cancel } from "../../../src/batch/submit.ts";
import { sweeper } from "../../../src/steps/sweeper.ts";
import { countingJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";

/** A batch of so many chunks of one item, all planned. */
async function planned(items: number, deadlineMs = 3_600_000): Promise<Stage> {
  const one = await stage({ job: countingJob(items), chunk: { items: 1 }, deadlineMs });
  await one.submit();
  await one.step("coordinator");
  return one;
}

const upTo = (count: number): string => Array.from({ length: count }, (_, n) => `${n},`).join("");

test("chunks of a paused batch are acknowledged unrun, and the resume sends exactly those again", async () => {
  const one = await planned(250);
  await one.step("worker", 120);
  expect(await pause(one.ports, BATCH)).toBe(true);
  await one.pump();
  expect(one.queue.waiting("worker")).toBe(0);
  expect(one.batch()["endedAt"]).toBeUndefined();
  expect(await resume(one.ports, BATCH)).toBe(true);
  await one.step("coordinator");
  const sent = one.queue.take("worker");
  expect(sent.map((message) => "chunk" in message && message.chunk)).toEqual(
    Array.from({ length: 130 }, (_, at) => 120 + at),
  );
  await one.deliver("worker", sent);
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "succeeded", launch: 1, relaunched: 1 });
  expect(one.result()).toEqual({ order: upTo(250), all: 250 });
});

test("more chunks than one page are sent again", async () => {
  const one = await planned(2_450);
  one.queue.take("worker");
  await pause(one.ports, BATCH);
  await resume(one.ports, BATCH);
  await one.step("coordinator");
  const chunks = one.queue.take("worker").map((message) => ("chunk" in message ? message.chunk : -1));
  expect(new Set(chunks)).toEqual(new Set(Array.from({ length: 2_450 }, (_, at) => at)));
  expect(chunks).toHaveLength(2_450);
});

test("chunks whose messages had waited through a short pause run once", async () => {
  const one = await planned(5);
  const before = one.queue.take("worker");
  await pause(one.ports, BATCH);
  await resume(one.ports, BATCH);
  await one.pump();
  const { totals } = one.batch();
  const kept = one.ledger.records.size;
  await one.deliver("worker", before);
  expect([one.batch()["totals"], one.ledger.records.size]).toEqual([totals, kept]);
});

test("after a resume every worker looks first, so that a chunk that is sent twice runs once", async () => {
  const one = await planned(5);
  const before = one.queue.take("worker");
  await pause(one.ports, BATCH);
  await resume(one.ports, BATCH);
  await one.step("coordinator");
  const again = one.queue.take("worker");
  await one.deliver("worker", again.slice(0, 3));
  const partials = (): number =>
    [...one.ledger.records.keys()].filter((key) => key.startsWith("partial/")).length;
  const ran = partials();
  await one.deliver("worker", before.slice(0, 3));
  expect(partials()).toBe(ran);
});

test("a planner stops at its next look, and goes on after the resume", async () => {
  const one = await stage({ job: countingJob(250), chunk: { items: 1 } });
  let entries = 0;
  one.hook = async ({ method, of }, when) => {
    if (method !== "update" || !of.startsWith("plan/") || when !== "after" || ++entries !== 3) return;
    one.hook = () => undefined;
    await pause(one.ports, BATCH);
  };
  await one.submit();
  await one.pump();
  const planEntries = (): number =>
    [...one.ledger.records.keys()].filter((key) => key.startsWith("plan/")).length;
  expect(planEntries()).toBe(3);
  await resume(one.ports, BATCH);
  await one.pump();
  expect(one.result()).toEqual({ order: upTo(250), all: 250 });
});

test("joins go on: a paused batch whose chunks are all settled ends", async () => {
  const one = await planned(3);
  while ((await one.step("worker", 3)) > 0);
  await pause(one.ports, BATCH);
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "succeeded" });
  expect(await resume(one.ports, BATCH)).toBe(false);
});

test("a cancel ends a paused batch, and a batch that is to end cannot be paused or resumed", async () => {
  const one = await planned(5);
  await one.step("worker", 2);
  await pause(one.ports, BATCH);
  expect(await pause(one.ports, BATCH)).toBe(false);
  await cancel(one.ports, BATCH);
  expect(await resume(one.ports, BATCH)).toBe(false);
  expect(await pause(one.ports, BATCH)).toBe(false);
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "cancelled", totals: { chunks: 2, lost: 3 } });
  await redrive(one.ports, BATCH, null);
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "succeeded" });
  expect(one.result()).toEqual({ order: upTo(5), all: 5 });
});

test("a redrive is paused and resumed as any generation is", async () => {
  const one = await planned(5);
  await one.step("worker", 2);
  await cancel(one.ports, BATCH);
  await one.pump();
  await redrive(one.ports, BATCH, null);
  await pause(one.ports, BATCH);
  await one.pump();
  expect(one.batch()["laid"]).toBeUndefined();
  await resume(one.ports, BATCH);
  await one.step("coordinator");
  await pause(one.ports, BATCH);
  await one.pump();
  await resume(one.ports, BATCH);
  await one.pump();
  expect(one.result()).toEqual({ order: upTo(5), all: 5 });
});

test("the deadline stands still in a pause, and the sweeper leaves the batch alone", async () => {
  const one = await planned(3, 60_000);
  one.queue.take("worker");
  one.clock.advance(50_000);
  await pause(one.ports, BATCH);
  one.clock.advance(24 * 3_600_000);
  await sweeper(one.ports);
  await sweeper(one.ports);
  expect(one.batch()["ending"]).toBeUndefined();
  expect(one.queue.waiting("worker") + one.queue.waiting("coordinator")).toBe(0);
  await resume(one.ports, BATCH);
  one.clock.advance(9_000);
  await sweeper(one.ports);
  expect(one.batch()["ending"]).toBeUndefined();
  one.clock.advance(1_000);
  await sweeper(one.ports);
  expect(one.batch()["ending"]).toBe("deadline");
});

test("a resume whose command died before it woke the coordinator is finished by the sweeper within a minute", async () => {
  const one = await planned(3);
  await pause(one.ports, BATCH);
  await one.pump();
  await resume(one.ports, BATCH);
  expect(one.queue.take("coordinator")).toHaveLength(1);
  await sweeper(one.ports);
  one.clock.advance(60_000);
  await sweeper(one.ports);
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "succeeded" });
});

test("a batch that is resumed counts as moving: nothing is sent a third time before it stood still", async () => {
  const one = await planned(3);
  one.queue.take("worker");
  await sweeper(one.ports);
  await pause(one.ports, BATCH);
  one.clock.advance(3_600_000);
  await resume(one.ports, BATCH);
  await one.step("coordinator");
  one.queue.take("worker");
  await sweeper(one.ports);
  expect(one.queue.waiting("worker")).toBe(0);
  one.clock.advance(17 * 60_000);
  await sweeper(one.ports);
  expect(one.queue.waiting("worker")).toBe(3);
});

test("a batch that there is not cannot be paused or resumed", async () => {
  const one = await planned(1);
  await expect(pause(one.ports, "01NONE")).rejects.toThrow("there is no batch 01NONE");
  await expect(resume(one.ports, "01NONE")).rejects.toThrow("there is no batch 01NONE");
});
