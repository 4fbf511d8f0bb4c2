import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cancel } from "../../../src/batch/submit.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { countingJob, joinlessJob, lineJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import { redriven, ended, fragile, order } from "./redrives.ts";

describe("a redrive", () => {
  test("does only the failed items again, and puts their values in their places", async () => {
    const bad = new Set([0, 3, 4, 9]);
    const { process, calls } = fragile(bad);
    const one = await ended({ job: countingJob(10, process), chunk: { items: 5 } });
    expect(one.result()).toEqual({ order: order([1, 2, 5, 6, 7, 8]), all: 6 });
    calls.length = 0;
    bad.clear();
    expect(await redriven(one)).toBe(true);
    expect(calls).toEqual([0, 3, 4, 9]);
    expect(one.result()).toEqual({ order: order([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), all: 10 });
    expect(one.outputs()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(one.failed()).toEqual([]);
    expect(one.batch()).toMatchObject({
      state: "succeeded",
      generation: 1,
      totals: { chunks: 2, succeeded: 10, failed: 0, units: 10 },
    });
  });

  test("of a batch of several levels lays only the paths to the failed items", async () => {
    const bad = new Set([7, 1_250]);
    const { process } = fragile(bad);
    const one = await ended({ job: countingJob(2_000, process), chunk: { items: 1 } });
    bad.delete(7);
    await redriven(one);
    const laid = [...one.ledger.records.keys()].filter((key) => key.startsWith(`node/${BATCH}/1/`));
    expect(laid.map((key) => key.split("/").slice(3).join("/"))).toEqual([
      "0/00000000",
      "0/00000012",
      "1/00000000",
    ]);
    expect(one.batch()).toMatchObject({ totals: { chunks: 2_000, succeeded: 1_999, failed: 1 } });
    expect(one.failed()).toMatchObject([{ index: 1_250, attempts: 2, chunk: 1_250 }]);
  });

  test("of some error codes or classes leaves the other failed items as they are", async () => {
    const bad = new Set([1, 2, 5]);
    const { process, calls } = fragile(bad);
    const one = await ended({ job: countingJob(8, process), chunk: { items: 4 } });
    const before = one.failed();
    calls.length = 0;
    await redriven(one, { codes: ["ITEM_INVALID"], classes: null });
    expect([calls, one.failed()]).toEqual([[], before]);
    bad.clear();
    await redriven(one, { codes: ["ITEM_FAILED"], classes: ["RangeError"] });
    expect(calls).toEqual([1, 5]);
    expect(one.failed()).toEqual(before.slice(1, 2));
    expect(one.result()).toEqual({ order: order([0, 1, 3, 4, 5, 6, 7]), all: 7 });
    await redriven(one);
    expect(one.result()).toEqual({ order: order([0, 1, 2, 3, 4, 5, 6, 7]), all: 8 });
    expect(one.batch()).toMatchObject({ generation: 3, state: "succeeded" });
  });

  test("counts each failed item once in the groups: what failed again, what is new, what was left", async () => {
    const bad = new Set([1, 2, 3, 5, 7]);
    const { process } = fragile(bad);
    const one = await ended({ job: countingJob(8, process), chunk: { items: 3 } });
    const classes = (): { readonly [name: string]: readonly (number | null)[] } => {
      const places = one
        .failures()
        ?.groups.flatMap(({ class: name, first }) => first.map(({ index }) => ({ name: name ?? "", index })));
      const byClass = Object.groupBy(places ?? [], ({ name }) => name);
      return Object.fromEntries(
        Object.entries(byClass).map(([name, all = []]) => [name, all.map(({ index }) => index)]),
      );
    };
    expect(classes()).toEqual({ RangeError: [1, 3, 5, 7], TypeError: [2] });
    bad.delete(1);
    bad.delete(5);
    await redriven(one, { codes: null, classes: ["RangeError"] });
    expect(classes()).toEqual({ RangeError: [3, 7], TypeError: [2] });
    await redriven(one, { codes: ["ITEM_TIMEOUT"], classes: null });
    expect(classes()).toEqual({ RangeError: [3, 7], TypeError: [2] });
    bad.clear();
    await redriven(one);
    expect(one.failures()).toBeNull();
  });

  test("does not turn a failure that the job does not retry into one that may pass", async () => {
    const process = (): never => {
      throw new TypeError("a mistake in the code");
    };
    const one = await ended({ job: countingJob(2, process, { retries: 2 }), chunk: { items: 1 } });
    await redriven(one);
    expect(one.failures()).toMatchObject({
      groups: [{ advice: "the job does not retry this", first: [{ attempts: 2 }, { attempts: 2 }] }],
    });
  });

  test("of a cancelled batch runs the chunks that were skipped", async () => {
    const one = await stage({ job: countingJob(6), chunk: { items: 2 } });
    await one.submit();
    await one.step("coordinator");
    await one.step("worker");
    await cancel(one.ports, BATCH);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "cancelled", totals: { chunks: 1, lost: 2 } });
    await redriven(one);
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 3, lost: 0, succeeded: 6 } });
    expect(one.result()).toEqual({ order: order([0, 1, 2, 3, 4, 5]), all: 6 });
  });

  test("that is cancelled keeps what it has done, and all that was there before", async () => {
    const bad = new Set([0, 2]);
    const { process } = fragile(bad);
    const one = await ended({ job: countingJob(4, process), chunk: { items: 2 } });
    bad.clear();
    await redrive(one.ports, BATCH, null);
    await one.step("coordinator");
    await one.step("worker");
    await cancel(one.ports, BATCH);
    await one.pump();
    expect(one.batch()).toMatchObject({
      state: "cancelled",
      totals: { chunks: 2, lost: 0, succeeded: 3, failed: 1 },
    });
    expect(one.result()).toEqual({ order: order([0, 1, 3]), all: 3 });
    await redriven(one);
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 2, succeeded: 4, failed: 0 } });
    expect(one.result()).toEqual({ order: order([0, 1, 2, 3]), all: 4 });
  });

  test("that is cancelled keeps what the redrive before it has done", async () => {
    const bad = new Set([1, 2]);
    const { process } = fragile(bad);
    const one = await ended({ job: countingJob(8, process), chunk: { items: 4 } });
    bad.delete(1);
    await redriven(one);
    await redrive(one.ports, BATCH, null);
    await cancel(one.ports, BATCH);
    await one.pump();
    expect(one.batch()).toMatchObject({ generation: 2, totals: { chunks: 2, succeeded: 7, failed: 1 } });
    expect(one.outputs()).toEqual([0, 1, 3, 4, 5, 6, 7]);
    expect(one.failed()).toMatchObject([{ index: 2, attempts: 2 }]);
  });

  test("of a batch without failures does nothing", async () => {
    const one = await ended({ job: countingJob(4) });
    expect(await redrive(one.ports, BATCH, null)).toBe(false);
    expect(one.batch()).toMatchObject({ generation: 0 });
  });

  test("of a running or unknown batch is refused", async () => {
    const one = await stage({ job: countingJob(4) });
    await expect(redrive(one.ports, BATCH, null)).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
    await one.submit();
    await expect(redrive(one.ports, BATCH, null)).rejects.toMatchObject({ code: "BATCH_NOT_READY" });
  });

  test("of a job without a join has counts", async () => {
    const bad = new Set([1, 2]);
    const { process } = fragile(bad);
    const one = await ended({ job: joinlessJob(4, process), chunk: { items: 4 } });
    bad.delete(2);
    await redriven(one);
    expect(one.batch()).toMatchObject({ totals: { succeeded: 3, failed: 1 } });
    expect(one.failed()).toMatchObject([{ index: 1 }]);
  });
});

test("however often a batch is redriven, its result is that of all items that succeeded, in input order", async () => {
  const failing = fc.record({
    lines: fc.integer({ min: 1, max: 60 }),
    items: fc.integer({ min: 1, max: 20 }),
    concurrency: fc.constantFrom(1, 3),
    bundle: fc.constantFrom(1, 5),
    rounds: fc.array(fc.uniqueArray(fc.nat(59), { maxLength: 40 }), { minLength: 1, maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(failing, async ({ lines, items, concurrency, bundle, rounds }) => {
      let bad = new Set(rounds[0]);
      const process = (line: string): number => {
        if (bad.has(Number(line))) throw new TypeError(`no ${line}`);
        return Number(line);
      };
      const text = Array.from({ length: lines }, (_, n) => `${n}\n`).join("");
      const one = await stage({
        job: lineJob(process, { concurrency }),
        inputs: { a: text },
        chunk: { items },
      });
      const pump = async (): Promise<void> => {
        for (let moved = 1; moved > 0;) {
          moved =
            (await one.step("coordinator")) + (await one.step("worker", bundle)) + (await one.step("join"));
        }
      };
      await one.submit();
      await pump();
      let failed = [...bad].filter((n) => n < lines);
      for (const next of rounds.slice(1)) {
        bad = new Set(next);
        if (await redrive(one.ports, BATCH, null)) await pump();
        failed = failed.filter((n) => bad.has(n));
      }
      const good = Array.from({ length: lines }, (_, n) => n).filter((n) => !failed.includes(n));
      expect(one.result()).toEqual({ order: order(good), all: good.length });
      expect(one.outputs()).toEqual(good);
      expect(one.failed().map(({ index, line, item }) => [index, line, item])).toEqual(
        failed.toSorted((a, b) => a - b).map((n) => [n, n + 1, String(n)]),
      );
      expect(one.batch()["totals"]).toMatchObject({
        succeeded: good.length,
        failed: failed.length,
        lost: 0,
        broken: 0,
      });
    }),
    { numRuns: 60 },
  );
});
