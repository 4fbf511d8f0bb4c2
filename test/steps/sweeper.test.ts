import { expect, test } from "vitest";
import { batchKey } from "../../src/core/records/batch.ts";
import { cancel } from "../../src/batch/submit.ts";
import { sweeper } from "../../src/steps/sweeper.ts";
import { countingJob } from "./jobs.ts";
import { BATCH, stage } from "./stage.ts";

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
