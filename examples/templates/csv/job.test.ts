import assert from "node:assert/strict";
import { test } from "node:test";
import { testJob } from "fanjoin/testing";
import job from "./job.ts";

test("orders are added up by country, however the file is cut", async () => {
  const text = "country,amount\nPeru,2\nNorway,1.5\nPeru,3\n";
  const { result, failed } = await testJob(job, { text }, { everyCut: true });
  assert.deepEqual(result, { Norway: { total: 1.5, orders: 1 }, Peru: { total: 5, orders: 2 } });
  assert.deepEqual(failed, []);
});

test("a row without an amount fails, and the others count", async () => {
  const { items, failed } = await testJob(job, { text: "country,amount\nPeru,2\nNorway,\n" });
  assert.deepEqual([items.succeeded, items.failed], [1, 1]);
  assert.deepEqual([failed[0]?.code, failed[0]?.line], ["ITEM_INVALID", 3]);
});
