import assert from "node:assert/strict";
import { test } from "node:test";
import { testJob } from "fanjoin/testing";
import job from "./job.ts";

test("the orders of the sample file are added up by country, however it is cut", async () => {
  const file = new URL("orders.parquet", import.meta.url);
  const { result, items, failed } = await testJob(job, { files: [file] }, { everyCut: true });
  assert.deepEqual(result["Norway"], { total: 113.39, orders: 3 });
  assert.equal(items.succeeded, 8);
  assert.deepEqual(failed, []);
});

test("a row without an amount fails, and the others count", async () => {
  const rows = [
    { country: "Peru", amount: "2.00" },
    { country: "Norway", amount: null },
  ];
  const { items, failed } = await testJob(job, { items: rows });
  assert.deepEqual([items.succeeded, items.failed], [1, 1]);
  assert.equal(failed[0]?.code, "ITEM_INVALID");
});
