import { expect, onTestFinished, test } from "vitest";
import { startThreadPool } from "../../../../src/local/threads/pool/thread-pool.ts";
import type { ThreadPool } from "../../../../src/local/threads/pool/pool-options.ts";
import { bench } from "../../engine/engines.ts";

function start(text: string, count = 2): ThreadPool {
  const at = bench();
  const threads = startThreadPool({
    jobFile: at.write("job.ts", text),
    directory: at.path("state"),
    count,
    segmentPrefix: "test",
    silentMs: 40,
    onFiles: () => undefined,
    onLog: () => undefined,
  });
  onTestFinished(() => threads.close());
  return threads;
}

const HEAD = `import { defineJob, range } from "fanjoin";`;

test("a thread that is silent after the job's module has run is JOB_INVALID, with a sentence", async () => {
  const input = `{ kind: "range", options: { toJSON() { for (;;); } } }`;
  const threads = start(
    `${HEAD} export default defineJob({ name: "mute", input: ${input}, process: (n) => n });`,
  );
  await expect(threads.job).rejects.toMatchObject({
    code: "JOB_INVALID",
    message: expect.stringMatching(/job\.ts has run, but its thread has been silent for 0 s/) as string,
  });
  await expect(threads.checkParams(null)).rejects.toMatchObject({ code: "JOB_INVALID" });
});

test("a module may take its time", async () => {
  const threads = start(`${HEAD}
    for (const end = Date.now() + 200; Date.now() < end;);
    await new Promise((resolve) => setTimeout(resolve, 200));
    export default defineJob({ name: "slow", input: range(1), process: (n) => n });`);
  expect(await threads.job).toMatchObject({ name: "slow" });
});

test("so may a request that runs, and those behind it", async () => {
  const schema = `{ "~standard": { version: 1, vendor: "test", async validate(value) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { value };
  } } }`;
  const threads = start(
    `${HEAD} export default defineJob({ name: "slow", input: range(1), params: ${schema}, process: (n) => n });`,
  );
  await threads.job;
  const checked = await Promise.all([1, 2, 3, 4].map((params) => threads.checkParams(params)));
  expect(checked).toHaveLength(4);
});

test("a thread that takes up no request any more is replaced", async () => {
  const schema = `{ "~standard": { version: 1, vendor: "test", validate(value) {
    if (value === "deaf") setTimeout(() => { for (;;); });
    return { value };
  } } }`;
  const threads = start(
    `${HEAD} export default defineJob({ name: "deaf", input: range(1), params: ${schema}, process: (n) => n });`,
    1,
  );
  await threads.job;
  await threads.checkParams("deaf");
  // Its timer may not have fired yet.
  const asked = (async () => {
    for (;;) await threads.checkParams(1);
  })();
  await expect(asked).rejects.toMatchObject({
    name: "ThreadDied",
    blame: false,
    reason: "it was silent for 0 s",
  });
  await threads.checkParams(2);
});
