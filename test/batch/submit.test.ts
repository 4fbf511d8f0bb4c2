import { expect, test } from "vitest";
import { cancel, claimToken } from "../../src/batch/submit.ts";
import { parseSpec, specFields } from "../../src/batch/spec.ts";
import type { BatchSpec } from "../../src/batch/spec.ts";
import { countingJob, upTo } from "../steps/jobs.ts";
import { stage } from "../steps/stage.ts";
import { BATCH } from "../steps/stage-spec.ts";

test("the same batch submitted twice is one batch", async () => {
  const one = await stage({ job: countingJob(30), chunk: { items: 1 } });
  await one.submit();
  await one.submit();
  await one.pump();
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 30 } });
  expect(one.result()).toEqual({ order: upTo(30), all: 30 });
});

test("a spec is read from the record as it was submitted", async () => {
  const { spec } = await stage({
    job: countingJob(3),
    tolerate: { count: 2, percent: 12.5 },
    params: { a: [1] },
  });
  expect(parseSpec(BATCH, specFields(spec))).toEqual(spec);
  const tolerant = { ...spec, tolerate: { count: null, percent: null } };
  expect(parseSpec(BATCH, specFields(tolerant))).toEqual(tolerant);
});

test("a token stands for the batch that it was first used for", async () => {
  const { ports } = await stage({ job: countingJob(3) });
  const token = { job: "sales", id: "today", input: "a.csv@1" };
  expect(await claimToken(ports, token, "01A")).toBe("01A");
  expect(await claimToken(ports, token, "01B")).toBe("01A");
  expect(await claimToken(ports, { ...token, job: "other" }, "01C")).toBe("01C");
});

test("a token that was used for another input is BATCH_CONFLICT", async () => {
  const { ports } = await stage({ job: countingJob(3) });
  const token = { job: "sales", id: "today", input: "a.csv@1" };
  await claimToken(ports, token, "01A");
  await expect(claimToken(ports, { ...token, input: "a.csv@2" }, "01B")).rejects.toMatchObject({
    code: "BATCH_CONFLICT",
  });
});

test("a batch is cancelled once; a second cancel, or one after the end, returns false", async () => {
  const one = await stage({ job: countingJob(3) });
  await one.submit();
  expect(await cancel(one.ports, BATCH)).toBe(true);
  expect(await cancel(one.ports, BATCH)).toBe(false);
  await one.pump();
  expect(await cancel(one.ports, BATCH)).toBe(false);
  expect(one.batch()).toMatchObject({ state: "cancelled" });
});

test("a batch that does not exist cannot be cancelled", async () => {
  const { ports } = await stage({ job: countingJob(3) });
  await expect(cancel(ports, "01Z")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
});

test("a spec with a limit, a code hash and no settings of later versions is read as it was submitted", async () => {
  const { spec } = await stage({ job: countingJob(3), maxItems: 2 });
  expect(spec.input.maxItems).toBe(2);
  // Versions that know no limit have no reader of this name, and refuse the batch.
  expect(specFields(spec)["input"]).toMatchObject({ reader: "first", of: spec.input.reader });
  const { concurrency: _concurrency, collects: _collects, ...rest } = spec;
  const bare: BatchSpec = { ...rest, tolerate: { count: null, percent: null } };
  const later: Partial<BatchSpec>[] = [
    {},
    { code: "abc" },
    { concurrency: 3, collects: true },
    { redrivenAt: 5, reproduces: { batch: "01Z", chunks: [], sources: [] } },
  ];
  for (const more of later)
    expect(parseSpec(BATCH, specFields({ ...bare, ...more }))).toStrictEqual({ ...bare, ...more });
});
