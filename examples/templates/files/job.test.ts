import assert from "node:assert/strict";
import { test } from "node:test";
import { testJob } from "fanjoin/testing";
import job from "./job.ts";

test("lines and words are counted, in the order of the files", async () => {
  const files = { "a.txt": "one two\n\nthree\n", "b.txt": "it isn't\n" };
  const { result, outputs } = await testJob(job, { files }, { everyCut: true });
  assert.deepEqual([result.files, result.words], [2, 5]);
  assert.deepEqual(outputs, [
    { file: "a.txt", lines: 2, words: 3 },
    { file: "b.txt", lines: 1, words: 2 },
  ]);
});
