/** What an engine does differently because its owner asked for it. */
import { expect, test } from "vitest";
import { readBatch } from "../../../src/batch/spec.ts";
import type { EngineOptions } from "../../../src/local/engine/engine.ts";
import { Chaos } from "../../../src/local/engine/running/chaos.ts";
import type { Tracer } from "../../../src/ports.ts";
import { bench, numbers, specFor } from "./engines.ts";
import { upTo, valueOf } from "./batches-run.ts";

test("in a dry run items are read and validated, and neither processed nor joined", async () => {
  const at = bench();
  const engine = await at.open(2, { dryRun: true });
  const job = await engine.load(at.write("job.ts", numbers(20, "() => { throw new Error('it ran'); }")));
  await engine.submit(specFor(job, { items: 5 }));
  expect(await engine.finished("01A")).toMatchObject({
    state: "succeeded",
    totals: { chunks: 4, succeeded: 20, failed: 0 },
  });
});

test("an engine whose work is disturbed comes to the same result", async () => {
  const at = bench();
  const chaos = new Chaos(3);
  const engine = await at.open(2, { chaos });
  const job = await engine.load(at.write("job.ts", numbers(60)));
  await engine.submit(specFor(job, { items: 20 }));
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(60));
  expect(chaos.counts.repeats).toBeGreaterThan(0);
});

test.for<[string, Partial<EngineOptions>, boolean]>([
  ["usual engine is", {}, true],
  ["dry run is not", { dryRun: true }, false],
  ["trial is not", { isTrial: true }, false],
  ["disturbed engine is not", { chaos: new Chaos(1) }, false],
])("the end of a batch of a %s news", async ([, options, isNews]) => {
  const at = bench();
  const engine = await at.open(1, options);
  const job = await engine.load(at.write("job.ts", numbers(3)));
  await engine.submit({ ...specFor(job), tells: true });
  await engine.finished("01A");
  expect((await readBatch(engine.ledger, "01A"))?.["tells"]).toBe(isNews ? true : undefined);
});

test("what was traced is exported before an engine has stopped", async () => {
  let flushed = 0;
  const spans: string[] = [];
  const tracer: Tracer = {
    span: ({ name }, work) => (spans.push(name), work({ traceparent: null, set() {}, child() {} })),
    past: async () => undefined,
    flush: async () => void flushed++,
  };
  const at = bench();
  const engine = await at.open(1, { tracer });
  const job = await engine.load(at.write("job.ts", numbers(3)));
  await engine.submit(specFor(job));
  await engine.finished("01A");
  expect([spans[0], flushed]).toEqual(["submit numbers", 0]);
  await engine.stop();
  expect(flushed).toBe(1);
});

test("an engine works on batches that it began or took up, until they are removed", async () => {
  const at = bench();
  const first = await at.open(1);
  const job = await first.load(at.write("job.ts", numbers(3)));
  await first.submit(specFor(job));
  await first.finished("01A");
  expect([first.isWorkedOn("01A"), first.isWorkedOn("01B")]).toEqual([true, false]);
  await first.stop();
  const next = await at.open(1);
  expect(next.isWorkedOn("01A")).toBe(false);
  expect(() => next.finished("01A")).toThrow("batch 01A is not being worked on here");
  await next.takeUp("01A");
  expect(next.isWorkedOn("01A")).toBe(true);
  expect([next.seen("01A"), next.pace("01A")]).toEqual([null, null]);
  await next.remove("01A");
  expect(next.isWorkedOn("01A")).toBe(false);
  await expect(next.remove("01A")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
});

test("a batch that runs cannot be removed", async () => {
  const at = bench();
  const engine = await at.open(1);
  const job = await engine.load(at.write("job.ts", numbers(3, "() => new Promise(() => {})")));
  await engine.submit(specFor(job));
  await expect(engine.remove("01A")).rejects.toMatchObject({ code: "BATCH_NOT_READY" });
  expect(engine.isWorkedOn("01A")).toBe(true);
  expect(engine.seen("01A")).not.toBeNull();
});
