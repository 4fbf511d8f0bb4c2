import { describe, expect, test } from "vitest";
import * as z from "zod";
import { range } from "../../src/input/range.ts";
import { defineJob, jobFrom } from "../../src/job/job.ts";
import { count } from "../../src/joins/exact/count.ts";

const base = { name: "squares", input: range(10), process: (n: number) => n * n };
/** A definition from a file that was not type-checked. */
const define = (changes: { [name: string]: unknown }): unknown => defineJob({ ...base, ...changes });
const jobInvalid = (message: RegExp): unknown =>
  expect.objectContaining({ code: "JOB_INVALID", message: expect.stringMatching(message) });

describe("a job", () => {
  test("has all its defaults filled in and is frozen", () => {
    const job = defineJob(base);
    expect(job).toMatchObject({
      name: "squares",
      item: null,
      params: null,
      join: null,
      setup: null,
      teardown: null,
    });
    expect(job.options).toEqual({
      concurrency: 1,
      retries: { limit: 2, baseMs: 100, maxMs: 10_000, delayMs: null, on: null, except: [] },
      rateLimit: null,
      inFlight: null,
      onEnd: null,
      schedule: null,
      hedge: false,
      itemTimeoutMs: 900_000,
      chunk: { items: null, bytes: null },
      tolerate: { count: null, percent: null, sample: null },
      enough: { items: null, percent: null, afterMs: null, minute: null },
      deadlineMs: 86_400_000,
    });
    expect(Object.isFrozen(job) && Object.isFrozen(job.options)).toBe(true);
  });

  test("keeps the given options", () => {
    class Declined extends Error {}
    const on = (): boolean => true;
    const { options } = defineJob({
      ...base,
      concurrency: 8,
      retries: { limit: 5, baseMs: 20_000, on, except: [Declined] },
      itemTimeoutMs: 500,
      chunk: { items: 10 },
      tolerate: { percent: 0.5, sample: 200 },
      enough: { items: 3, percent: 90, afterMs: 50, at: "17:05" },
      hedge: true,
      deadlineMs: 1000,
    });
    expect(options).toEqual({
      concurrency: 8,
      retries: { limit: 5, baseMs: 20_000, maxMs: 20_000, delayMs: null, on, except: [Declined] },
      rateLimit: null,
      inFlight: null,
      onEnd: null,
      schedule: null,
      hedge: true,
      itemTimeoutMs: 500,
      chunk: { items: 10, bytes: null },
      tolerate: { count: null, percent: 0.5, sample: 200 },
      enough: { items: 3, percent: 90, afterMs: 50, minute: 1025 },
      deadlineMs: 1000,
    });
    expect(defineJob({ ...base, retries: 0 }).options.retries.limit).toBe(0);
    expect(defineJob({ ...base, failFast: true }).options.tolerate.count).toBe(0);
    expect(defineJob({ ...base, failFast: false, concurrency: undefined }).options.tolerate.count).toBe(null);
  });

  test("accepts an automatic limit where more than one item runs at once", () => {
    expect(defineJob({ ...base, rateLimit: "auto", concurrency: 2 }).options.rateLimit).toBe("auto");
  });

  test("accepts an object of joins as a join", () => {
    const { join } = defineJob({ ...base, join: { n: count(), again: count() } });
    expect(join?.finish(join.init())).toEqual({ n: 0, again: 0 });
  });
});

describe("a wrong definition says what is wrong, what was given and what to do", () => {
  test.for<[{ [name: string]: unknown }, RegExp]>([
    [{ concurency: 3 }, /has no option "concurency"\. Did you mean "concurrency"\?/],
    [{ itemTimeoutMS: 3 }, /Did you mean "itemTimeoutMs"\?/],
    [{ zzzzzz: 3 }, /has no option "zzzzzz"\. There are: name, input, item, /],
    [{ chunk: { item: 3 } }, /chunk has no option "item"\. Did you mean "items"\?/],
    [{ name: "Squares!" }, /name has to be .* but is "Squares!"/],
    [{ name: undefined }, /name has to be .* but is undefined/],
    [{ name: "x".repeat(64) }, /1 to 63/],
    [{ input: range }, /input has to be a reader .* Is the reader called, as in csv\(\)\?/],
    [{ input: "sales.csv" }, /input has to be a reader .* but is "sales\.csv"/],
    [{ item: z.object }, /item has to be a Standard Schema .* but is a function/],
    [{ params: {} }, /params has to be a Standard Schema .* but is \{\}/],
    [{ process: 1 }, /process has to be a function of the item, but is 1/],
    [{ join: () => 0 }, /join is not a join/],
    [{ setup: 3 }, /setup has to be a function .* but is 3/],
    [{ setup: () => 3, teardown: "end" }, /teardown has to be a function .* but is "end"/],
    [{ teardown: () => 3 }, /there is no setup: add one, or leave teardown out/],
    [{ join: { n: count } }, /join\.n is not a join.*count\(\)\?/],
    [{ concurrency: 0 }, /concurrency has to be a whole number of at least 1, but is 0/],
    [{ concurrency: 1.5 }, /concurrency has to be .* but is 1\.5/],
    [{ concurrency: "3" }, /concurrency has to be .* but is "3"/],
    [{ concurrency: 3n }, /but is 3n/],
    [{ rateLimit: "auto" }, /up to concurrency, which is 1: set concurrency/],
    [{ rateLimit: "fast", concurrency: 2 }, /rateLimit has to be an object or "auto", but is "fast"/],
    [{ deadlineMs: Number.POSITIVE_INFINITY }, /but is Infinity/],
    [{ deadlineMs: 1e12 }, /deadlineMs can be 2147483647 ms/],
    [{ hedge: "yes" }, /hedge has to be true or false, but is "yes"/],
    [{ retries: -1 }, /retries has to be .* at least 0, but is -1/],
    [{ retries: "many" }, /retries has to be an object, but is "many"/],
    [{ retries: { on: true } }, /retries\.on has to be a function/],
    [{ retries: { except: TypeError } }, /retries\.except has to be a list of error classes/],
    [{ tolerate: { percent: 101 } }, /tolerate\.percent has to be a number from 0 to 100, but is 101/],
    [{ tolerate: [1] }, /tolerate has to be an object, but is \[1\]/],
    [{ tolerate: { sample: 5 } }, /sample says when tolerate\.percent is judged: give a percent too/],
    [{ enough: 5 }, /enough has to be an object, but is 5/],
    [{ enough: { percent: -1 } }, /enough\.percent has to be a number from 0 to 100, but is -1/],
    [{ enough: { at: "5pm" } }, /enough\.at has to be a time of day in UTC such as "17:00", but is "5pm"/],
    [{ enough: { at: "24:00" } }, /but is "24:00"/],
    [{ failFast: "yes" }, /failFast has to be true or false, but is "yes"/],
    [{ failFast: true, tolerate: { count: 3 } }, /leave out either/],
  ])("%o", ([changes, message]) => {
    expect(() => define(changes)).toThrow(jobInvalid(message));
  });

  test("also if it is not an object, or cannot be shown as JSON", () => {
    expect(() => defineJob(null as unknown as typeof base)).toThrow(
      jobInvalid(/A job has to be an object, but is null/),
    );
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => define({ process: circle })).toThrow(jobInvalid(/but is an object/));
  });
});

describe("the job of a module", () => {
  test("is its default export, also if another copy of the package made it", () => {
    const job = defineJob(base);
    expect(jobFrom({ default: job })).toBe(job);
    const elsewhere = { ...job };
    expect(jobFrom({ default: elsewhere })).toBe(elsewhere);
  });

  test.for<[unknown, RegExp]>([
    [{}, /no default export\. Export the job: export default defineJob/],
    [undefined, /no default export/],
    [{ default: base }, /is a plain object, not a job\. Wrap it: export default defineJob/],
    [{ default: () => base }, /is a function, not a job/],
    [{ default: Promise.resolve(base) }, /is a promise, not a job/],
    [{ default: "job" }, /is "job", not a job/],
  ])("is refused: %o", ([module, message]) => {
    expect(() => jobFrom(module)).toThrow(jobInvalid(message));
  });
});
