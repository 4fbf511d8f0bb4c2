import assert from "node:assert/strict";
import { test } from "node:test";
import { testJob } from "fanjoin/testing";
import job from "./job.ts";

test("13 November 2026 is a Friday", async () => {
  const { result } = await testJob(job, { items: [{ year: 2026, month: 11 }] });
  assert.deepEqual(result, { Friday: 1 });
});

test("in 400 years the 13th is most often a Friday", async () => {
  const { result, items } = await testJob(job);
  assert.equal(items.succeeded, 4800);
  assert.equal(result["Friday"], Math.max(...Object.values(result)));
});
