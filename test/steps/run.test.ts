import { expect, test } from "vitest";
import { countingJob, joinlessJob, upTo } from "./jobs.ts";
import { stage } from "./stage.ts";

test("a batch of 250 chunks is joined in order over two levels", async () => {
  const one = await stage({ job: countingJob(500), chunk: { items: 2 } });
  await one.submit();
  await one.pump();
  expect(one.log).toEqual([]);
  expect(one.batch()).toMatchObject({
    state: "succeeded",
    chunks: 250,
    totals: { chunks: 250, succeeded: 500, failed: 0 },
  });
  expect(one.result()).toEqual({ order: upTo(500), all: 500 });
  expect(one.outputs()).toEqual(Array.from({ length: 500 }, (_, i) => i));
});

test("an empty batch closes at once with the empty join", async () => {
  const one = await stage({ job: countingJob(0) });
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "succeeded", chunks: 0 });
  expect(one.result()).toEqual({ order: "", all: 0 });
  expect(one.outputs()).toEqual([]);
});

test("a job without a join has counts and failed items, and no result", async () => {
  const job = joinlessJob(300, (n: number) => {
    if (n === 7 || n === 250) throw new TypeError(`no ${n}`);
  });
  const one = await stage({ job, chunk: { items: 1 } });
  await one.submit();
  // Bundles: chunks with and without a failed item share a tag.
  for (let moved = true; moved;) {
    moved = (await one.step("coordinator")) + (await one.step("worker", 10)) + (await one.step("join")) > 0;
  }
  expect(one.log).toEqual([]);
  expect(one.batch()).toMatchObject({
    state: "completed-with-failures",
    totals: { succeeded: 298, failed: 2 },
  });
  expect(one.result()).toBeUndefined();
  expect(one.failed().map(({ index, chunk, item }) => ({ index, chunk, item }))).toEqual([
    { index: 7, chunk: 7, item: "7" },
    { index: 250, chunk: 250, item: "250" },
  ]);
});
