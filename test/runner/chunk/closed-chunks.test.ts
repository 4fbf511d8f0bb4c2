/** What a chunk leaves behind, however it ends: a watchdog must not take its thread for one that hangs. */
import { expect, test } from "vitest";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { createRunner } from "../../../src/runner/create-runner.ts";
import { INSIDE, IN_FLIGHT, newHeartbeat } from "../../../src/runner/poison/heartbeat.ts";
import type { Process } from "../../steps/jobs.ts";
import { countingJob, lineJob } from "../../steps/jobs.ts";
import { stage } from "../../steps/stage.ts";

async function standing(process: Process, concurrency = 1, job = lineJob(process, { concurrency })) {
  const inputs = job.input.own ? {} : { a: "x\n".repeat(400) };
  const one = await stage({ job, inputs, chunk: { items: 400 }, blockBytes: 100 });
  await one.submit();
  await one.step("coordinator");
  const chunks = one.queue.take("worker") as ChunkMessage[];
  const heartbeat = newHeartbeat();
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const is = { interrupted: false };
  const runner = createRunner({
    job,
    store: one.ports.store,
    log,
    signal: () => new AbortController().signal,
    interrupted: () => is.interrupted,
    now: () => 0,
    random: () => 0,
    heartbeat,
  });
  const run = () => runner.chunks({ spec: one.spec, chunks, careful: null });
  const left = (): unknown => [heartbeat[INSIDE], heartbeat[IN_FLIGHT]];
  return { one, run, is, left, heartbeat };
}

const later = (value: unknown): Promise<unknown> => new Promise((resolve) => setImmediate(resolve, value));

test.for<[string, Process, number]>([
  ["at once", (line) => line, 1],
  ["one by one", later, 1],
  ["several at a time", later, 7],
])("nothing is open after a chunk whose items end %s", async ([, process, concurrency]) => {
  const inside: unknown[] = [];
  const it = await standing((line) => {
    inside.push(it.heartbeat[INSIDE]);
    return process(line, undefined as never);
  }, concurrency);
  expect((await it.run()).done).toHaveLength(1);
  expect(new Set(inside)).toEqual(new Set([1]));
  expect(it.left()).toEqual([0, 0]);
});

test.for<[string, Process]>([
  ["ended", (line) => line],
  ["waited", later],
])(
  "nothing is open after a chunk whose input breaks off while items %s, and it runs again",
  async ([, process]) => {
    const it = await standing(process, 2);
    const read = it.one.store.read.bind(it.one.store);
    let isBroken = true;
    it.one.store.read = async function* (...range) {
      let blocks = 0;
      for await (const block of read(...range)) {
        if (isBroken && blocks++ === 3) throw new Error("the connection broke");
        yield block;
      }
    };
    await expect(it.run()).rejects.toThrow("the connection broke");
    expect(it.left()).toEqual([0, 0]);
    isBroken = false;
    expect((await it.run()).done).toMatchObject([{ totals: { succeeded: 400 } }]);
    expect(it.left()).toEqual([0, 0]);
  },
);

test("nothing is open after a chunk that needs no promise, whether it ends or is interrupted", async () => {
  let items = 0;
  const process = (n: number): number => {
    if (++items === 900) it.is.interrupted = true;
    return n;
  };
  const it = await standing(process, 1, countingJob(400, process));
  for (const done of [1, 1, 0]) {
    expect((await it.run()).done).toHaveLength(done);
    expect(it.left()).toEqual([0, 0]);
  }
});

test("nothing is open after a chunk that was interrupted, and nothing of it is done", async () => {
  let items = 0;
  const it = await standing((line) => {
    if (++items === 100) it.is.interrupted = true;
    return line;
  });
  expect((await it.run()).done).toEqual([]);
  expect(items).toBeLessThan(400);
  expect(it.left()).toEqual([0, 0]);
});
