/** The sweeper sends lost work of a batch again if the batch stands still. */
import { expect, test } from "vitest";
import { cancel } from "../../../src/batch/submit.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { batchKey } from "../../../src/core/records/batch/batch.ts";
import { lostWork, progressMark } from "../../../src/steps/recovering/lost-work.ts";
import { countingJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";

const lost = (one: Stage) => lostWork(one.ledger, BATCH);
const mark = (one: Stage) => progressMark(one.ledger, BATCH, one.batch());

/** A batch of so many chunks, all planned. */
async function planned(chunks: number): Promise<Stage> {
  const one = await stage({ job: countingJob(chunks), chunk: { items: 1 } });
  await one.submit();
  await one.step("coordinator");
  return one;
}

async function runAll(one: Stage): Promise<void> {
  while ((await one.step("worker", 50)) > 0);
}

test("chunks without a tag are sent again as they were sent, with a mark that makes workers look first", async () => {
  const one = await planned(250);
  const sent = one.queue.take("worker");
  await one.deliver("worker", sent.slice(0, 120));
  const { plan, chunks, nodes } = await lost(one);
  expect(plan).toBeNull();
  expect(chunks).toEqual(sent.slice(120).map((message) => ({ ...message, look: true })));
  // Leaf 0 is full, and its join still waits.
  expect(nodes).toEqual([{ batch: BATCH, generation: 0, level: 0, index: 0 }]);
});

test("a final node that is not settled in its parent is joined again, and the root is committed again", async () => {
  const one = await planned(250);
  await runAll(one);
  const [first, ...others] = one.queue.take("join");
  await one.deliver("join", others);
  expect(await lost(one)).toMatchObject({ chunks: [], nodes: [{ level: 0, index: 0 }] });
  await one.deliver("join", first ? [first] : []);
  one.queue.take("join");
  expect(await lost(one)).toMatchObject({ chunks: [], nodes: [{ level: 1, index: 0 }] });
});

test("planning that is not over goes on from the newest entry", async () => {
  const one = await stage({ job: countingJob(250), chunk: { items: 1 } });
  let entries = 0;
  one.hook = ({ method, of }, when) => {
    if (method === "update" && of.startsWith("plan/") && when === "after" && ++entries === 3)
      throw new Error("dies");
  };
  await one.submit();
  await one.step("coordinator");
  one.hook = () => undefined;
  const newest = [...one.ledger.records.keys()].filter((key) => key.startsWith("plan/")).length - 1;
  expect(newest).toBeGreaterThan(0);
  expect((await lost(one)).plan).toBe(newest);
});

test("a batch that is to end, or whose redrive is not launched, is left to the coordinator", async () => {
  const one = await planned(3);
  await cancel(one.ports, BATCH);
  expect(await lost(one)).toEqual({ plan: 0, chunks: [], nodes: [], more: null });
  await one.pump();
  expect(await lost(one)).toEqual({ plan: null, chunks: [], nodes: [], more: null });
  await redrive(one.ports, BATCH, null);
  expect(await lost(one)).toEqual({ plan: 0, chunks: [], nodes: [], more: null });
});

test("nothing is sent for a batch that does not exist", async () => {
  const one = await stage({ job: countingJob(1) });
  expect(await lost(one)).toEqual({ plan: null, chunks: [], nodes: [], more: null });
});

test("at most some thousand chunks are sent at a time", async () => {
  const one = await planned(1_500);
  one.queue.take("worker");
  expect((await lost(one)).chunks).toHaveLength(1_000);
});

test("chunks that a redrive planned itself are fresh", async () => {
  const one = await stage({ job: countingJob(10), chunk: { items: 5 } });
  await one.submit();
  await cancel(one.ports, BATCH);
  await one.pump();
  await redrive(one.ports, BATCH, null);
  await one.step("coordinator");
  const sent = one.queue.take("worker");
  expect(sent).toMatchObject([{ chunk: 0, generation: 1, fresh: true }, { chunk: 1 }]);
  expect((await lost(one)).chunks).toEqual(sent.map((message) => ({ ...message, look: true })));
});

test("the mark of a batch changes with its plan, and with each settle in the first open node", async () => {
  const one = await stage({ job: countingJob(250), chunk: { items: 1 } });
  await one.submit();
  expect(await mark(one)).toEqual({ text: "0: entry none", begun: false });
  await one.step("coordinator");
  expect(await mark(one)).toEqual({ text: "0: planned, 0 in 0/0", begun: true });
  await one.step("worker", 50);
  expect((await mark(one)).text).toBe("0: planned, 50 in 0/0");
  await one.step("worker", 60);
  expect((await mark(one)).text).toBe("0: planned, 100 in 0/0");
  await one.pump();
  await redrive(one.ports, BATCH, null);
  const fields = { ...one.batch(), generation: 1 };
  one.ledger.records.set(batchKey(BATCH), fields);
  expect(await mark(one)).toEqual({ text: "1: not launched", begun: false });
});
