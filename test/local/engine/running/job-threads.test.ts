/** Threads of several jobs: who has how many, who is interrupted and ended, and which files are synced. */
import { expect, onTestFinished, test, vi } from "vitest";
import type { BatchSpec } from "../../../../src/batch/spec.ts";
import { JobThreads } from "../../../../src/local/engine/running/job-threads.ts";
import { bench } from "../engines.ts";
import { RANGE_SPEC } from "../range-spec.ts";

const TEXT = `
  import { count, defineJob, range } from "fanjoin";
  const params = { "~standard": { version: 1, vendor: "test", validate(value) {
    return value === "good" ? { value } : { issues: [{ message: "it is not good" }] };
  } } };
  export default defineJob({ name: "job", input: range(3), params, join: count(), process: (n) => n });`;

function threadsOfJobs(count = 2) {
  const at = bench();
  const threads = new JobThreads({ directory: at.path(), count, started: "s", onLog: () => undefined });
  onTestFinished(() => threads.close());
  const [one, other] = ["one.ts", "other.ts"].map((name) => at.write(name, TEXT));
  const specFor = (jobFile: string | null, batch = "01A"): BatchSpec => ({ ...RANGE_SPEC, batch, jobFile });
  return { at, threads, one: one ?? "", other: other ?? "", specFor };
}

test("a job has the usual number of threads, or as many as its batches want", async () => {
  const { threads, one, other, specFor } = threadsOfJobs();
  expect([threads.most, threads.countFor(specFor(one)), threads.countFor(specFor(null))]).toEqual([2, 2, 2]);
  threads.resize(one, 1);
  // No thread of it runs yet.
  expect([threads.most, threads.countFor(specFor(one)), threads.countFor(specFor(other))]).toEqual([2, 1, 2]);
  const pool = threads.of(specFor(one));
  expect([threads.most, pool.itemsInProcess().size]).toEqual([1, 1]);
  threads.of(specFor(other));
  expect(threads.most).toBe(2);
  threads.resize(one, 3);
  expect([threads.most, pool.itemsInProcess().size]).toEqual([3, 3]);
  threads.resize(one, null);
  expect([threads.most, threads.countFor(specFor(one))]).toEqual([2, 2]);
});

test("a job that nobody has loaded has no items in process, no idle threads, and nothing to stop", () => {
  const { threads, one, specFor } = threadsOfJobs();
  for (const file of [one, null]) expect(threads.itemsInProcess(specFor(file)).size).toBe(0);
  expect(threads.idleOf(one)).toBe(0);
  threads.overtake(one, []);
  threads.interrupt();
});

test("a job is loaded with its params checked, and on demand only its first thread starts", async () => {
  const { threads, one, other } = threadsOfJobs();
  const loading = threads.load(one, "good", true);
  // A slow machine starts the others after a while.
  expect([...threads.itemsInProcess({ jobFile: one })]).toEqual([[1, 0]]);
  expect([threads.itemsInProcess({ jobFile: other }).size, threads.idleOf(one)]).toEqual([0, 1]);
  expect(await loading).toMatchObject({ name: "job" });
  await expect(threads.load(one, "bad", true)).rejects.toMatchObject({ code: "JOB_INVALID" });
  const all = threads.load(other, "good", false);
  expect(threads.itemsInProcess({ jobFile: other }).size).toBe(2);
  await all;
});

test("a job is described without its threads, and params are checked if they are given", async () => {
  const { threads, one } = threadsOfJobs();
  expect(await threads.describe(one, undefined)).toMatchObject({ name: "job" });
  expect(await threads.describe(one, "good")).toMatchObject({ name: "job" });
  await expect(threads.describe(one, null)).rejects.toMatchObject({ code: "JOB_INVALID" });
  expect(threads.idleOf(one)).toBe(0);
});

test("a batch whose job file is not known has no job, and no threads", async () => {
  const { threads, one, specFor } = threadsOfJobs();
  expect(await threads.loadJobOf(specFor(null))).toBeNull();
  expect(() => threads.of(specFor(null))).toThrow("batch 01A has no job file");
  const loading = threads.loadJobOf(specFor(one));
  expect(threads.itemsInProcess({ jobFile: one }).size).toBe(2);
  expect(await loading).toMatchObject({ name: "job" });
});

test("each batch that a job makes items for has one planner, of one thread, until it is dismissed", async () => {
  const { threads, one, specFor } = threadsOfJobs();
  const planner = threads.plannerOf(specFor(one));
  await planner.job;
  expect(planner.itemsInProcess().size).toBe(1);
  expect(threads.plannerOf(specFor(one))).toBe(planner);
  expect(threads.plannerOf(specFor(one, "01B"))).not.toBe(planner);
  const closed = vi.spyOn(planner, "close");
  await threads.dismissPlanner("01A");
  await threads.dismissPlanner("unknown");
  expect(closed).toHaveBeenCalledOnce();
  expect(threads.plannerOf(specFor(one))).not.toBe(planner);
});

/** Everything that may run for two jobs, and for two batches of the first one. */
function everything() {
  const of = threadsOfJobs(1);
  const { threads, one, other, specFor } = of;
  const running = {
    pool: threads.of(specFor(one)),
    otherPool: threads.of(specFor(other)),
    child: threads.childOf(specFor(one)),
    otherChild: threads.childOf(specFor(other)),
    planner: threads.plannerOf(specFor(one)),
    otherPlanner: threads.plannerOf(specFor(one, "01B")),
  };
  /** The names of those on which this was called, in order. */
  const called = (method: "interrupt" | "close"): (() => string[]) => {
    const spies = Object.entries(running).map(([name, it]) => ({ name, spy: vi.spyOn(it, method) }));
    return () => spies.filter(({ spy }) => spy.mock.calls.length === 1).map(({ name }) => name);
  };
  return { ...of, called };
}

test("work is interrupted of one batch's job, of its own planner, or of all", async () => {
  const { threads, one, specFor, called } = everything();
  const interrupted = called("interrupt");
  threads.interrupt(specFor(one));
  expect(interrupted()).toEqual(["pool", "child", "planner"]);
  vi.restoreAllMocks();
  const all = called("interrupt");
  threads.interrupt();
  expect(all()).toEqual(["pool", "otherPool", "child", "otherChild", "planner", "otherPlanner"]);
});

test("a job that is forgotten is loaded anew, and a close ends all that runs", async () => {
  const { threads, one, specFor, called } = everything();
  const described = await threads.describe(one, undefined);
  const closed = called("close");
  const pool = threads.of(specFor(one));
  await threads.forget(one);
  expect(closed()).toEqual(["pool", "child"]);
  expect(threads.of(specFor(one))).not.toBe(pool);
  // The describer was ended, too, and another one is started.
  expect(await threads.describe(one, undefined)).toEqual(described);
  await threads.close();
  expect(closed()).toEqual(["pool", "otherPool", "child", "otherChild", "planner", "otherPlanner"]);
});

test("files are synced once; those of batches that are gone need not be there", async () => {
  const { at, threads } = threadsOfJobs();
  const [there, gone] = [at.write("there/file", ""), at.path("gone", "file")];
  await threads.sync([there]);
  await expect(threads.sync([there, gone])).rejects.toMatchObject({ code: "ENOENT" });
  // It was asked for once.
  await threads.sync([]);
  threads.forgetFiles(at.path("gone"));
  await threads.sync([there, gone, at.path("gone")]);
  await expect(threads.sync([at.path("else", "file")])).rejects.toMatchObject({ code: "ENOENT" });
});
