/** Pauses of the embedded engine, and batches that share it. */
import { existsSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { requestOfOwner } from "../../../../src/local/directory/directory.ts";
import { stateOf } from "../../../../src/core/records/batch/batch.ts";
import { readBatch } from "../../../../src/batch/spec.ts";
import type { Engine } from "../../../../src/local/engine/engine.ts";
import { begin, until, upTo, valueOf } from "../batches-run.ts";
import { bench, numbers, specFor } from "../engines.ts";

const state = async (engine: Engine, batch = "01A"): Promise<string> =>
  stateOf((await readBatch(engine.ledger, batch)) ?? {});

const slow = "async (n) => { await new Promise((r) => setTimeout(r, 2)); return n; }";

/** Resolves once nothing is left of a batch in the queue, nor in a thread. */
async function quiet(engine: Engine): Promise<void> {
  let before = -1;
  await until(async () => {
    await new Promise((r) => setTimeout(r, 30));
    const now = engine.progress("01A").totals.chunks;
    if (now === before) return true;
    before = now;
    return false;
  });
}

test("a paused batch begins nothing more until it is resumed, and then gives the whole result", async () => {
  const at = bench();
  const engine = await begin(at, numbers(400, slow), { items: 1 });
  await until(() => engine.progress("01A").totals.chunks > 5);
  expect(await engine.pause("01A")).toBe(true);
  expect(await engine.pause("01A")).toBe(false);
  await quiet(engine);
  const { chunks } = engine.progress("01A").totals;
  expect(chunks).toBeLessThan(400);
  expect(await state(engine)).toBe("paused");
  expect(engine.progress("01A").paused).toBe(true);
  expect(await engine.resume("01A")).toBe(true);
  expect(engine.progress("01A").paused).toBe(false);
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(400));
});

test("a batch stays paused over a restart, and its resume does both", async () => {
  const at = bench();
  const first = await begin(at, numbers(400, slow), { items: 1 });
  await until(() => first.progress("01A").totals.chunks > 5);
  await first.pause("01A");
  await first.stop();
  const second = await at.open();
  await second.takeUp("01A");
  await quiet(second);
  expect(await state(second)).toBe("paused");
  await second.resume("01A");
  expect(valueOf(await second.finished("01A"))).toEqual(upTo(400));
});

test("the owner pauses and resumes a batch for another process", async () => {
  const at = bench();
  const engine = await begin(at, numbers(400, slow), { items: 1 });
  await until(() => engine.progress("01A").totals.chunks > 5);
  requestOfOwner(at.path("state"), { kind: "pause", batch: "01A" });
  await until(async () => (await state(engine)) === "paused");
  requestOfOwner(at.path("state"), { kind: "resume", batch: "01A" });
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(400));
});

test("a paused batch can be cancelled", async () => {
  const at = bench();
  const engine = await begin(at, numbers(400, slow), { items: 1 });
  await until(() => engine.progress("01A").totals.chunks > 5);
  await engine.pause("01A");
  await engine.cancel("01A");
  expect(await engine.finished("01A")).toMatchObject({ state: "cancelled" });
});

test("a short batch that comes beside a long one has begun and ended before the long one goes far", async () => {
  const at = bench();
  // Each item of the long batch waits for the end of the short one, or for a while.
  const engine = await at.open(2);
  const long = `async (n) => { const { existsSync } = await import("node:fs");
    for (let i = 0; i < 5 && !existsSync(${JSON.stringify(at.path("over"))}); i++) await new Promise((r) => setTimeout(r, 4));
    return n; }`;
  const job = await engine.load(at.write("job.ts", numbers(3_000, long)));
  await engine.submit(specFor(job, { batch: "01A", items: 1 }));
  await until(() => engine.progress("01A").totals.chunks > 20);
  const before = engine.progress("01A").totals.chunks;
  const short = specFor(job, { batch: "01B", items: 1 });
  const sources = [{ name: "", label: "range", size: 30, version: "" }];
  await engine.submit({ ...short, input: { ...short.input, sources } });
  expect(valueOf(await engine.finished("01B"))).toEqual(upTo(30));
  const meanwhile = engine.progress("01A").totals.chunks - before;
  writeFileSync(at.path("over"), "");
  // They share the threads: about as many of one as of the other.
  expect(meanwhile).toBeLessThan(120);
  expect(existsSync(at.path("over"))).toBe(true);
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(3_000));
});

test("a batch gets more threads, and fewer, while it runs, and its job has the usual number after its end", async () => {
  const at = bench();
  const seen = `async (n, ctx) => {
    const { threadId } = await import("node:worker_threads");
    ctx.log.info(String(threadId));
    await new Promise((r) => setTimeout(r, 5));
    return n;
  }`;
  const engine = await begin(at, numbers(3_000, seen), { items: 1 });
  const threads = (from: number): number => new Set(at.log.slice(from).map(({ message }) => message)).size;
  await until(() => threads(0) === 2);
  await engine.set("01A", { threads: 4 });
  await until(() => threads(0) === 4);
  await engine.set("01A", { threads: 1 });
  const isOne = (): boolean => threads(-20) === 1;
  await until(isOne);
  expect((await readBatch(engine.ledger, "01A"))?.["setThreads"]).toBe(1);
  await engine.set("01A", { threads: 4 });
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(3_000));
  const before = at.log.length;
  const job = await engine.load(at.path("job.ts"));
  const sources = [{ name: "", label: "range", size: 100, version: "" }];
  const spec = specFor(job, { batch: "01B", items: 1 });
  await engine.submit({ ...spec, input: { ...spec.input, sources } });
  await engine.finished("01B");
  expect(threads(before)).toBe(2);
  await expect(engine.set("01B", { threads: 2 })).rejects.toThrow("batch 01B has ended");
  await expect(engine.set("01NONE", { threads: 2 })).rejects.toThrow("there is no batch 01NONE");
});

test("chunks of a batch of higher priority come first", async () => {
  const at = bench();
  const engine = await at.open(1);
  const job = await engine.load(at.write("job.ts", numbers(1_000, slow)));
  await engine.submit(specFor(job, { batch: "01A", items: 1 }));
  await engine.submit(specFor(job, { batch: "01B", items: 1 }));
  await until(() => engine.progress("01B").totals.chunks > 5);
  await engine.set("01B", { priority: 1 });
  const before = engine.progress("01A").totals.chunks;
  expect(valueOf(await engine.finished("01B"))).toEqual(upTo(1_000));
  // Those that were in a thread, and while the planner of the other one catches up.
  expect(engine.progress("01A").totals.chunks - before).toBeLessThan(500);
  await engine.cancel("01A");
});
