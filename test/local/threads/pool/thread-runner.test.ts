/** A thread that has run a whole batch goes on with its merge. */
import { expect, onTestFinished, test } from "vitest";
import { startThreadPool } from "../../../../src/local/threads/pool/thread-pool.ts";
import type { ThreadPool } from "../../../../src/local/threads/pool/pool-options.ts";
import { bench } from "../../engine/engines.ts";
import { SPEC, chunk } from "../requests.ts";

function start(finish: string, process = "(n) => n"): ThreadPool {
  const at = bench();
  const threads = startThreadPool({
    jobFile: at.write(
      "job.ts",
      `import { defineJob, fold, range } from "fanjoin";
       export default defineJob({ name: "numbers", input: range(100), retries: 0, process: ${process},
         join: fold({ init: () => 0, add: (a, b) => a + b, merge: (a, b) => a + b, finish: ${finish} }) });`,
    ),
    directory: at.path("state"),
    count: 1,
    segmentPrefix: "test",
    onFiles() {},
    onLog() {},
  });
  onTestFinished(() => threads.close());
  return threads;
}

const request = (...numbers: number[]) => ({ spec: SPEC, chunks: numbers.map(chunk), careful: null });

const ROOT = { index: 0, root: true, tag: "abcdefg" };

test("the chunks of a whole batch are answered first, and then their merge", async () => {
  const threads = start("(sum) => sum");
  const { done, merging } = await threads.chunks({ ...request(0, 1), leaf: ROOT });
  expect(done).toHaveLength(2);
  expect(await merging).toMatchObject({
    thread: 1,
    reply: { error: null, files: { result: { name: "batches/01A/result-abcdefg.json", value: 1 } } },
  });
  expect(await threads.chunks(request(2))).not.toHaveProperty("merging");
});

test("a thread that has something else to do merges no root early", async () => {
  const threads = start("(sum) => sum", "(n) => new Promise((done) => setImmediate(done, n))");
  await threads.job;
  const first = threads.chunks({ ...request(0), leaf: ROOT });
  const second = threads.chunks(request(1));
  expect(await first).not.toHaveProperty("merging");
  expect((await second).done).toHaveLength(1);
});

test("the merge of a leaf below the root follows its chunks, whatever waits", async () => {
  const threads = start("(sum) => sum", "(n) => new Promise((done) => setImmediate(done, n))");
  await threads.job;
  const first = threads.chunks({ ...request(300, 301), leaf: { index: 3, root: false, tag: "abcdefg" } });
  const second = threads.chunks(request(1));
  const { merging } = await first;
  expect(await merging).toMatchObject({ reply: { error: null, files: null } });
  expect((await merging)?.reply.body).toMatchObject({ text: expect.stringContaining('"3"') });
  expect((await second).done).toHaveLength(1);
});

test("a thread that dies of an early merge has answered for its chunks, and is replaced", async () => {
  const threads = start("() => process.exit(1)");
  const { done, merging } = await threads.chunks({ ...request(0), leaf: ROOT });
  expect(done).toHaveLength(1);
  await expect(merging).rejects.toMatchObject({ name: "ThreadDied" });
  expect((await threads.chunks(request(1))).done).toHaveLength(1);
});
