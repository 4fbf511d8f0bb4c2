import { describe, expect, test } from "vitest";
import { batchKey } from "../../src/core/records/batch/batch.ts";
import { redrive } from "../../src/batch/steering/redrive.ts";
import { cancel } from "../../src/batch/submit.ts";
import type { QueueName } from "../../src/core/records/message.ts";
import { sweeper } from "../../src/steps/sweeper.ts";
import { countingJob } from "./jobs.ts";
import { stage } from "./stage.ts";
import { BATCH } from "./stage-spec.ts";
import type { Stage } from "./stage.ts";

test("a batch is ended at its deadline, with what was joined by then", async () => {
  const one = await stage({ job: countingJob(10), chunk: { items: 2 }, deadlineMs: 1000 });
  await one.submit();
  await one.step("coordinator");
  await one.step("worker", 2);
  one.clock.advance(999);
  await sweeper(one.ports);
  expect(one.batch()["ending"]).toBeUndefined();
  one.clock.advance(1);
  await sweeper(one.ports);
  expect(one.batch()["ending"]).toBe("deadline");
  await one.pump();
  expect(one.batch()).toMatchObject({
    state: "failed",
    error: {
      code: "DEADLINE_EXCEEDED",
      message: expect.stringContaining("2026-01-01T00:00:01.000Z") as string,
    },
    totals: { chunks: 2, lost: 3, succeeded: 4 },
  });
  expect(one.result()).toEqual({ order: "0,1,2,3,", all: 4 });
});

test("a batch that is done by its deadline is left alone", async () => {
  const one = await stage({ job: countingJob(4), deadlineMs: 1000 });
  await one.submit();
  await one.pump();
  one.clock.advance(5000);
  await sweeper(one.ports);
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "succeeded" });
});

test("a batch whose end was requested by a process that then died is brought to its end", async () => {
  const one = await stage({ job: countingJob(4) });
  await one.submit();
  await one.step("coordinator");
  one.hook = ({ method }, when) => {
    if (method === "send" && when === "before") throw new Error("dies");
  };
  await expect(cancel(one.ports, BATCH)).rejects.toThrow("dies");
  one.hook = () => undefined;
  one.queue.take("worker");
  await sweeper(one.ports);
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "cancelled" });
});

describe("a batch that has stood still", () => {
  const MINUTE = 60_000;

  /** Sweeps once a minute, and delivers what was sent in between. */
  async function sweep(one: Stage, minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      await sweeper(one.ports);
      await one.pump();
      one.clock.advance(MINUTE);
    }
  }

  const dying = (one: Stage, queue: string, when: "before" | "after"): void => {
    one.hook = ({ method, of }, at) => {
      if (method === "send" && of === queue && at === when) throw new Error("dies");
    };
  };

  const alive = (one: Stage): void => {
    one.hook = () => undefined;
  };

  test("is begun within two minutes, if its submitter died before it woke the coordinator", async () => {
    const one = await stage({ job: countingJob(4) });
    dying(one, "coordinator", "before");
    await expect(one.submit()).rejects.toThrow("dies");
    alive(one);
    await sweep(one, 2);
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 4 } });
  });

  test("is redriven within two minutes, if the caller died before it woke the coordinator", async () => {
    let isFixed = false;
    const job = countingJob(4, (n) => {
      if (n === 2 && !isFixed) throw new Error("not yet");
      return n;
    });
    const one = await stage({ job });
    await one.submit();
    await one.pump();
    isFixed = true;
    dying(one, "coordinator", "before");
    await expect(redrive(one.ports, BATCH, null)).rejects.toThrow("dies");
    alive(one);
    await sweep(one, 2);
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 4 } });
  });

  test.for<[string, QueueName, number]>([
    ["chunks", "worker", 4],
    ["one chunk of several", "worker", 1],
    ["the root's join", "join", 9],
    ["the message that planning goes on with", "coordinator", 9],
  ])("is finished if %s got lost on the way", async ([, queue, most]) => {
    const one = await stage({ job: countingJob(20), chunk: { items: 2 } });
    await one.submit();
    if (queue !== "coordinator") await one.step("coordinator");
    if (queue === "join") while ((await one.step("worker")) > 0);
    expect(one.queue.take(queue, most).length).toBeGreaterThan(0);
    await one.pump();
    expect(one.ended()).toBe(false);
    await sweep(one, 18);
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 10, succeeded: 20 } });
    expect(one.result()).toMatchObject({ all: 20 });
  });

  test("is finished if a redrive's chunk got lost, and counts only what has changed", async () => {
    let isFixed = false;
    const job = countingJob(6, (n) => {
      if (n === 3 && !isFixed) throw new Error("not yet");
      return n;
    });
    const one = await stage({ job, chunk: { items: 2 } });
    await one.submit();
    await one.pump();
    isFixed = true;
    await redrive(one.ports, BATCH, null);
    await one.step("coordinator");
    expect(one.queue.take("worker")).toMatchObject([{ chunk: 1 }]);
    await sweep(one, 18);
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 3, succeeded: 6, failed: 0 } });
    expect(one.result()).toMatchObject({ order: "0,1,2,3,4,5," });
  });

  test("is left alone as long as it moves on", async () => {
    const one = await stage({ job: countingJob(40), chunk: { items: 2 } });
    await one.submit();
    await one.step("coordinator");
    const late = one.queue.take("worker", 19);
    for (const message of late) {
      await sweeper(one.ports);
      one.clock.advance(10 * MINUTE);
      await one.deliver("worker", [message]);
      expect(one.queue.waiting("worker")).toBe(1);
    }
  });

  test("and whose chunk runs for long, settles the chunk once", async () => {
    const one = await stage({ job: countingJob(4), chunk: { items: 2 } });
    await one.submit();
    await one.step("coordinator");
    const slow = one.queue.take("worker", 1);
    await sweep(one, 18);
    await one.deliver("worker", slow);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 2, succeeded: 4 } });
  });
});

test("every open batch is swept, however many there are, and no other", async () => {
  const one = await stage({ job: countingJob(4), deadlineMs: 1000 });
  await one.submit();
  await one.pump();
  const ending = { open: "batch", deadlineAt: 0, ending: "cancel" };
  for (let n = 0; n < 1000; n++) one.ledger.records.set(batchKey(`00${n}`), { ...one.batch() });
  for (let n = 0; n < 300; n++)
    one.ledger.records.set(batchKey(`01${n}`), { open: "batch", deadlineAt: Infinity });
  one.ledger.records.set(batchKey("02"), ending);
  await sweeper(one.ports);
  expect(one.queue.take("coordinator")).toEqual([{ kind: "plan", batch: "02", entry: 0 }]);
});

test("what is left of removed batches goes, of 200 in one sweep, and they are not swept", async () => {
  const one = await stage({ job: countingJob(4) });
  await one.submit();
  await one.pump();
  const removed = { open: "batch", removed: 1, deadlineAt: 0 };
  for (let n = 100; n < 303; n++) one.ledger.records.set(batchKey(`0${n}`), removed);
  const left = (): number =>
    [...one.ledger.records.values()].filter((fields) => fields["removed"] && fields["open"]).length;
  await sweeper(one.ports);
  expect(left()).toBe(3);
  expect(one.queue.take("coordinator", 10)).toEqual([]);
  await sweeper(one.ports);
  expect(left()).toBe(0);
});
