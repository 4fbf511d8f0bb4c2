/** Redrives of whole chunks and merges: chunks were given up, or what they came to could not be kept. */
import { fold } from "../../../src/joins/fold.ts";
import { describe, expect, test } from "vitest";
import { countingJob, inOrder } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { MAX_RECEIVES } from "../../../src/core/records/message.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import type { ChunksRequest } from "../../../src/runner/runner.ts";
import { redriven, ended, fragile, order } from "./redrives.ts";

describe("a redrive", () => {
  test("runs a chunk that was given up, and leaves it as it was if it is given up again", async () => {
    let dies = true;
    const one = await stage({ job: countingJob(4), chunk: { items: 2 } });
    const runner = { ...one.runner };
    Object.assign(one.runner, {
      chunks: async (request: ChunksRequest) => {
        if (dies && request.chunks.some(({ chunk }) => chunk === 1)) throw new Error("the thread died");
        return runner.chunks(request);
      },
    });
    await one.submit();
    await one.pump();
    const before = one.failed();
    expect(before).toMatchObject([{ code: "CHUNK_FAILED", chunk: 1 }]);
    await redriven(one);
    expect(one.failed()).toEqual(before);
    expect(one.batch()).toMatchObject({ totals: { chunks: 2, broken: 1, succeeded: 2 } });
    dies = false;
    await redriven(one);
    expect(one.batch()).toMatchObject({
      state: "succeeded",
      totals: { chunks: 2, broken: 0, succeeded: 4, units: 4 },
    });
    expect(one.result()).toEqual({ order: order([0, 1, 2, 3]), all: 4 });
  });

  test("leaves a chunk as it was if a part of it is given up, though its other parts ran", async () => {
    const code = { dies: true };
    let begun = 0;
    const process = (n: number): number => (begun++, n);
    const one = await stage({
      job: countingJob(8, process),
      chunk: { items: 4 },
      cutting: { isDue: () => begun === 2, mayCut: () => true, partsFor: () => 1, isLate: () => false },
    });
    const runner = { ...one.runner };
    Object.assign(one.runner, {
      chunks: async (request: ChunksRequest) => {
        if (code.dies && request.chunks.some(({ chunk }) => chunk === 1)) throw new Error("the thread died");
        begun = code.dies ? 100 : 0;
        return runner.chunks(request);
      },
    });
    await one.submit();
    await one.pump();
    const before = one.batch();
    expect(before).toMatchObject({ totals: { chunks: 2, broken: 1, succeeded: 4 } });
    const failed = one.failed();
    code.dies = false;
    await redrive(one.ports, BATCH, null);
    while ((await one.step("coordinator")) > 0);
    await one.step("worker");
    const [part] = one.queue.take("worker") as ChunkMessage[];
    expect(part).toMatchObject({ kind: "part", chunk: 1, start: 6, end: 8 });
    await one.deliver("dead-letter", [{ ...part!, attempt: 9 * MAX_RECEIVES }]);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: before["state"], totals: { chunks: 2, lost: 0, broken: 1 } });
    expect(one.failed()).toEqual(failed);
    expect(one.outputs()).toEqual([0, 1, 2, 3]);
    // Another redrive runs it as a whole.
    begun = 100;
    await redriven(one);
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 2, broken: 0 } });
    expect(one.result()).toEqual({ order: order([0, 1, 2, 3, 4, 5, 6, 7]), all: 8 });
  });

  test("finds the places of outputs that were written to the store, whatever their characters", async () => {
    const bad = new Set([0, 3, 17, 18, 25, 39]);
    const { process } = fragile(bad);
    const long = (n: number): string => `${n}${"ü€".repeat(n % 2 === 0 ? 9_000 : 1)}`;
    const one = await ended({ job: countingJob(40, (n: number) => long(process(n))), chunk: { items: 20 } });
    for (const fixed of [
      [18, 0],
      [39, 3],
      [17, 25],
    ]) {
      for (const n of fixed) bad.delete(n);
      await redriven(one);
      const good = Array.from({ length: 40 }, (_, n) => n).filter((n) => !bad.has(n));
      expect(one.outputs()).toEqual(good.map(long));
    }
  });

  test("runs a whole chunk again if its segments took too much room and were united", async () => {
    const bad = new Set([1, 3]);
    const { process, calls } = fragile(bad);
    const long = "x".repeat(9 * 1024 * 1024);
    const job = countingJob(5, (n: number) => `${process(n)}${long}`);
    const one = await ended({
      job: { ...job, join: inOrder },
      chunk: { items: 5 },
      blockBytes: long.length,
    });
    calls.length = 0;
    bad.delete(1);
    await redriven(one);
    expect(calls).toEqual([0, 1, 2, 3, 4]);
    expect(one.batch()).toMatchObject({ totals: { chunks: 1, succeeded: 4, failed: 1, units: 5 } });
    expect(String(one.result()).replaceAll(long, "")).toBe("0,1,2,4,");
  });

  test("merges everything again where the join had failed", async () => {
    let broken = true;
    const job = countingJob(300);
    const { join } = job;
    if (!join) throw new Error("it joins");
    const finish = join.finish.bind(join);
    Object.assign(join, {
      finish(acc: unknown) {
        if (broken) throw new Error("not yet");
        return finish(acc);
      },
    });
    const one = await ended({ job, chunk: { items: 1 } });
    expect(one.batch()).toMatchObject({ state: "failed", error: { code: "MERGE_FAILED" } });
    broken = false;
    await redriven(one);
    expect(one.batch()).toMatchObject({ state: "succeeded", error: null, totals: { chunks: 300 } });
    expect(one.result()).toMatchObject({ all: 300 });
  });

  test("runs chunks again whose joined values could not be written", async () => {
    let broken = true;
    const join = fold<number, unknown[]>({
      init: () => [],
      add: (acc, n) => [...acc, broken && n === 2 ? 2n : n],
      merge: (left, right) => [...left, ...right],
    });
    const one = await ended({ job: { ...countingJob(6), join }, chunk: { items: 2 } });
    expect(one.batch()).toMatchObject({ state: "failed", error: { code: "MERGE_FAILED" } });
    broken = false;
    await redriven(one);
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 3, succeeded: 6, failed: 0 } });
    expect(one.result()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
