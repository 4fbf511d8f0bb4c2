import assert from "node:assert/strict";
import { test } from "node:test";
import { testJob } from "fanjoin/testing";
import job, { isPalindrome } from "./job.ts";

test("a palindrome reads the same from both ends", () => {
  assert.deepEqual([0, 7, 11, 10, 12_321, 1231].filter(isPalindrome), [0, 7, 11, 12_321]);
});

test("all blocks together have 1,999 palindromes", async () => {
  const { result, items } = await testJob(job);
  assert.equal(result, 1999);
  assert.equal(items.total, 100);
});
