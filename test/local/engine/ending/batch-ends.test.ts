/** How a batch is brought to its end: who is told of it, in which order, and what a failure costs. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { batchKey } from "../../../../src/core/records/batch/batch.ts";
import type { Fields } from "../../../../src/core/records/record.ts";
import { ActiveBatches } from "../../../../src/local/engine/active-batches.ts";
import { BatchEnds } from "../../../../src/local/engine/batch-ends.ts";
import type { BatchEndsContext } from "../../../../src/local/engine/batch-ends.ts";
import { temporaryDirectory } from "../../../memory/directory.ts";
import { countingJob } from "../../../steps/jobs.ts";
import { stage } from "../../../steps/stage.ts";
import { BATCH } from "../../../steps/stage-spec.ts";

const RESULT = { name: `batches/${BATCH}/result-abc.json`, bytes: 1 };
const ENDED: Fields = {
  endedAt: 1,
  state: "succeeded",
  result: { result: RESULT, outputs: null, failed: null },
};

/** A batch that runs, and all that is done about its end, in order. */
async function ending() {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.remove());
  mkdirSync(directory.path("batches", BATCH), { recursive: true });
  writeFileSync(directory.path(RESULT.name), "1");
  const one = await stage({ job: countingJob(4), chunk: { items: 2 } });
  await one.submit();
  await one.step("coordinator");
  one.queue.take("worker");
  const write = (more: Fields): Fields => {
    const fields = { ...one.batch(), ...more };
    one.ledger.records.set(batchKey(BATCH), fields);
    return fields;
  };
  const batches = new ActiveBatches();
  const active = batches.open(one.spec);
  const events: unknown[] = [];
  const isPublished = (): boolean => existsSync(directory.path("batches", BATCH, "result.json"));
  const does = <T>(name: string, answer: T) => {
    return (...of: readonly unknown[]): T => (events.push([name, of[0]]), answer);
  };
  /** What a test may change. */
  const is = { committed: Promise.resolve(), trimmed: Promise.resolve(), empty: false };
  const tracked: Promise<void>[] = [];
  const ends = new BatchEnds({
    directory: directory.path(),
    ports: one.ports,
    database: {
      ledger: one.ports.ledger,
      committed: () => (events.push("commit"), is.committed),
      queue: { remove: does("remove", undefined), isEmpty: () => is.empty },
    },
    batches,
    threads: { interrupt: does("interrupt", undefined), dismissPlanner: does("dismiss", Promise.resolve()) },
    pump: {
      wake: () => void events.push("wake"),
      track: (work: Promise<void>) => void tracked.push(work),
    },
    backpressure: { release: () => void events.push("release") },
    cleanup: { omit: does("omit", undefined), trim: (batch: string) => does("trim", is.trimmed)(batch) },
    onEnd: (batch: string) => void events.push(["end", batch, isPublished()]),
    warn: (error: unknown) => void events.push(["warn", error]),
  } as unknown as BatchEndsContext);
  return { one, ends, active, batches, events, is, write, tracked, isPublished };
}

test("the work of a batch that is to end is interrupted, once", async () => {
  const { ends, active, events, write } = await ending();
  await ends.notice(BATCH);
  expect([active.interrupted, events]).toEqual([false, []]);
  write({ ending: "cancel" });
  await ends.notice(BATCH);
  await ends.notice(BATCH);
  expect([active.interrupted, events]).toEqual([true, [["interrupt", active.spec], "release", "wake"]]);
});

test("nothing is interrupted of a batch that nobody works on, or that is gone", async () => {
  const { ends, active, batches, events, one, write } = await ending();
  one.ledger.records.delete(batchKey(BATCH));
  await ends.notice(BATCH);
  expect(active.interrupted).toBe(false);
  write({ ending: "cancel" });
  batches.forget(BATCH);
  await ends.notice(BATCH);
  expect(events).toEqual([]);
});

test("only a batch that has ended is closed, and a stop waits for it", async () => {
  const { ends, write, tracked, active } = await ending();
  await ends.closeIfEnded(BATCH);
  await ends.closeIfEnded("01NONE");
  expect(tracked).toEqual([]);
  const fields = write(ENDED);
  await ends.closeIfEnded(BATCH);
  expect(tracked).toHaveLength(1);
  await Promise.all(tracked);
  expect(await active.ended.promise).toEqual(fields);
});

test("the files of a batch are published after its commit and its joins, and only then its end is told", async () => {
  const { ends, events, is, batches, active, isPublished, write } = await ending();
  const [commit, join] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  is.committed = commit.promise;
  void batches.join(BATCH, () => join.promise);
  const fields = write(ENDED);
  const closing = ends.close(BATCH, fields);
  const before = [["remove", BATCH], ["dismiss", BATCH], ["omit", BATCH], "commit"];
  await new Promise(setImmediate);
  expect([events, isPublished(), active.over]).toEqual([before, false, false]);
  commit.resolve();
  await new Promise(setImmediate);
  expect([events, isPublished(), active.over]).toEqual([before, false, false]);
  join.resolve();
  expect(await active.ended.promise).toEqual(fields);
  await closing;
  expect([events, active.over]).toEqual([[...before, ["end", BATCH, true], ["trim", BATCH]], true]);
});

test("a batch of an earlier start that nobody awaits is published all the same", async () => {
  const { ends, batches, events, write } = await ending();
  batches.forget(BATCH);
  await ends.close(BATCH, write(ENDED));
  expect(events.slice(-2)).toEqual([
    ["end", BATCH, true],
    ["trim", BATCH],
  ]);
});

test("an end that cannot be committed is told to those who wait, is no news, and drops nothing", async () => {
  const { ends, events, is, active, batches, isPublished, write } = await ending();
  is.committed = Promise.reject(new Error("the disk is full"));
  is.committed.catch(() => undefined);
  await ends.close(BATCH, write(ENDED));
  await expect(active.ended.promise).rejects.toThrow("the disk is full");
  expect([active.over, isPublished(), events.at(-1)]).toEqual([true, false, "commit"]);
  batches.forget(BATCH);
  await ends.close(BATCH, write(ENDED));
  expect(events.at(-1)).toBe("commit");
});

test("room that cannot be given back is a warning, and the batch has ended", async () => {
  const { ends, events, is, active, write } = await ending();
  const error = new Error("a file is in use");
  is.trimmed = Promise.reject(error);
  await ends.close(BATCH, write(ENDED));
  expect([active.over, events.at(-1)]).toEqual([true, ["warn", error]]);
});

test("a batch whose deadline has passed is asked to end, and its work is interrupted", async () => {
  const { ends, events, one, active } = await ending();
  await ends.sweep(BATCH);
  expect(events).toEqual([]);
  one.clock.advance(4_000_000);
  await ends.sweep(BATCH);
  expect(one.batch()).toMatchObject({ error: { code: "DEADLINE_EXCEEDED" } });
  expect([active.interrupted, events]).toEqual([true, [["interrupt", active.spec], "release", "wake"]]);
  events.length = 0;
  active.interrupted = false;
  // It was asked before: the coordinator knows it.
  await ends.sweep(BATCH);
  expect(events).toEqual([]);
});

test("a batch for which no message is left is recovered, and no other", async () => {
  const { ends, is, one } = await ending();
  const sent = (): number => one.queue.take("worker").length + one.queue.take("coordinator").length;
  sent();
  await ends.sweep(BATCH);
  expect(sent()).toBe(0);
  is.empty = true;
  await ends.sweep("01NONE");
  expect(sent()).toBe(0);
  await ends.sweep(BATCH);
  expect(sent()).toBeGreaterThan(0);
});

test("a batch that has ended is not swept", async () => {
  const { ends, is, one, events, write } = await ending();
  one.queue.take("coordinator");
  write(ENDED);
  is.empty = true;
  one.clock.advance(4_000_000);
  await ends.sweep(BATCH);
  expect([events, one.queue.take("worker"), one.queue.take("coordinator")]).toEqual([[], [], []]);
});
