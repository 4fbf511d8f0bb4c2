import { rmSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { startThreadPool } from "../../../../src/local/threads/pool/thread-pool.ts";
import type { ThreadPool } from "../../../../src/local/threads/pool/pool-options.ts";
import { bench } from "../../engine/engines.ts";
import { SPEC, chunk } from "../requests.ts";
import type { Bench } from "../../engine/engines.ts";

const log: string[] = [];
const files: string[] = [];

function start(text: string, count = 1, onDemand = false): ThreadPool {
  return startAt(text, count, onDemand).threads;
}

function startAt(
  text: string,
  count = 1,
  onDemand = false,
): { readonly threads: ThreadPool; readonly at: Bench } {
  const at = bench();
  const threads = startThreadPool({
    jobFile: at.write("job.ts", text),
    directory: at.path("state"),
    count,
    onDemand,
    segmentPrefix: "test",
    onFiles: (names) => files.push(...names),
    onLog: ({ message }) => log.push(message),
  });
  onTestFinished(() => threads.close());
  return { threads, at };
}

function job(process: string, more = "join: sum()"): string {
  return `import { collect, defineJob, range, sum } from "fanjoin";
    export default defineJob({ name: "numbers", input: range(100), retries: 0, process: ${process}, ${more} });`;
}

const succeeded = async (threads: ThreadPool, ...chunks: number[]): Promise<number[]> => {
  const { done } = await threads.chunks({ spec: SPEC, chunks: chunks.map(chunk), careful: null });
  return done.map(({ child }) => child);
};

test("a journal that cannot be written fails each request, and the thread goes on answering", async () => {
  const { threads, at } = startAt(job("(n) => n"));
  await threads.job;
  at.write("state/journal", "no folder");
  for (let request = 0; request < 3; request++)
    await expect(succeeded(threads, 1)).rejects.toMatchObject({ code: "DIRECTORY_UNUSABLE" });
  expect(log.filter((line) => line.includes("nobody"))).toEqual([]);
  rmSync(at.path("state", "journal"));
  expect(await succeeded(threads, 1)).toEqual([1]);
});

test("a job is described by the thread that loaded it", async () => {
  expect(await start(job("(n) => n", "join: collect(), concurrency: 3")).job).toMatchObject({
    name: "numbers",
    input: { kind: "range" },
    options: { concurrency: 3 },
    joins: true,
    outputs: true,
  });
});

test("requests are spread over the threads", async () => {
  const both = `(n) => {
    const cells = globalThis[Symbol.for("cells")] ??= { n: 0 };
    return new Promise((resolve) => setTimeout(resolve, 20, ++cells.n));
  }`;
  const threads = start(job(both, "join: collect()"), 2);
  await threads.job;
  const replies = await Promise.all(
    [1, 2].map((n) => threads.chunks({ spec: SPEC, chunks: [chunk(n)], careful: null })),
  );
  // Each thread has a global of its own, and counts from one.
  for (const { body } of replies) expect(JSON.stringify(body)).toContain(String.raw`\"text\":\"1\\n\"`);
});

test("on demand, a thread starts where a request would wait for long, up to the most", async () => {
  // The requests of the first kind end at once.
  const threads = start(
    job("(n) => new Promise((resolve) => setTimeout(resolve, n < 3 ? 0 : 400, n))"),
    3,
    true,
  );
  await threads.job;
  expect([threads.itemsInProcess().size, threads.idle()]).toEqual([1, 3]);
  expect(await Promise.all([0, 1, 2, 0, 1].map((n) => succeeded(threads, n)))).toHaveLength(5);
  expect(threads.itemsInProcess().size).toBe(1);
  expect(await Promise.all([succeeded(threads, 3), succeeded(threads, 4)])).toEqual([[3], [4]]);
  expect([threads.itemsInProcess().size, threads.idle()]).toEqual([2, 3]);
  const many = Promise.all([5, 6, 7, 8, 9].map((n) => succeeded(threads, n)));
  expect(await many).toEqual([[5], [6], [7], [8], [9]]);
  expect(threads.itemsInProcess().size).toBe(3);
});

test("on demand, an interruption reaches requests that wait, also in a thread that starts for them", async () => {
  const threads = start(job("(n) => new Promise((resolve) => setTimeout(resolve, 100_000))"), 2, true);
  await threads.job;
  const both = Promise.all([succeeded(threads, 1), succeeded(threads, 2)]);
  threads.interrupt(60_000);
  expect(await both).toEqual([[], []]);
  // Later requests are none of its business.
  const next = succeeded(threads, 3);
  threads.interrupt(60_000);
  expect(await next).toEqual([]);
});

test("on demand, requests that wait when the pool is closed are not forgotten", async () => {
  const threads = start(job("(n) => new Promise((resolve) => setTimeout(resolve, 100_000))"), 2, true);
  await threads.job;
  const both = Promise.allSettled([succeeded(threads, 1), succeeded(threads, 2)]);
  await threads.close();
  expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

test("on demand, all threads load a job that takes long to load", async () => {
  const text = `await new Promise((resolve) => setTimeout(resolve, 1500)); ${job("(n) => n")}`;
  const threads = start(text, 3, true);
  await threads.job;
  expect(threads.itemsInProcess().size).toBe(3);
});

test("on demand, a thread that has died is replaced, and a failed setup counts for the threads there are", async () => {
  const threads = start(job("(n) => { if (n === 1) process.exit(7); return n; }"), 4, true);
  await threads.job;
  await expect(succeeded(threads, 1)).rejects.toMatchObject({ name: "ThreadDied" });
  expect(await succeeded(threads, 2)).toEqual([2]);
  expect(threads.itemsInProcess().size).toBe(1);
  const broken = start(job("(n) => n", 'setup() { throw new Error("no"); }'), 4, true);
  await broken.job;
  for (const failures of [1, 2, 3])
    await expect(succeeded(broken, 1)).rejects.toMatchObject({ code: "SETUP_FAILED", failures });
});

test("only the request that a thread was running is blamed for its death", async () => {
  const threads = start(job("(n) => { if (n === 1) process.exit(7); return n; }"));
  await threads.job;
  const [guilty, innocent] = await Promise.allSettled([succeeded(threads, 1), succeeded(threads, 2)]);
  expect(guilty).toMatchObject({ reason: { name: "ThreadDied", blame: true } });
  expect(innocent).toMatchObject({ reason: { name: "ThreadDied", blame: false } });
  expect(await succeeded(threads, 3)).toEqual([3]);
});

test("no request is blamed for a thread that is killed on purpose, and an idle one is left alone", async () => {
  const threads = start(job("(n) => n < 5 ? n : new Promise(() => {})"));
  await threads.job;
  expect(threads.killBusy("on purpose")).toBe(false);
  const both = Promise.allSettled([succeeded(threads, 7), succeeded(threads, 8)]);
  expect(threads.killBusy("on purpose")).toBe(true);
  const reason = { name: "ThreadDied", blame: false, message: "a worker thread ended: on purpose" };
  expect(await both).toMatchObject([{ reason }, { reason }]);
  expect(await succeeded(threads, 3)).toEqual([3]);
});

test("an interrupted request answers with the chunks that it had finished", async () => {
  const threads = start(job("(n) => n < 5 ? n : new Promise(() => {})"));
  await threads.job;
  const running = succeeded(threads, 3, 4, 5, 6);
  const queued = succeeded(threads, 7);
  await new Promise((resolve) => setTimeout(resolve, 50));
  threads.interrupt(10_000);
  expect(await running).toEqual([3, 4]);
  expect(await queued).toEqual([]);
  expect(await succeeded(threads, 1)).toEqual([1]);
});

test("the signal of an interrupted item is aborted, and the next one's is not", async () => {
  const threads = start(
    job(
      "(n, { signal }) => n === 1 ? signal.aborted ? 'late' : 'fine' : new Promise((resolve) => signal.addEventListener('abort', resolve))",
      "join: collect()",
    ),
  );
  await threads.job;
  const running = succeeded(threads, 5);
  await new Promise((resolve) => setTimeout(resolve, 50));
  threads.interrupt(10_000);
  expect(await running).toEqual([]);
  const { body } = await threads.chunks({ spec: SPEC, chunks: [chunk(1)], careful: null });
  expect(JSON.stringify(body)).toContain("fine");
});

test("a thread that does not stop is replaced, and no request is blamed", async () => {
  const threads = start(
    job("(n) => { if (n === 5) for (const end = Date.now() + 30_000; Date.now() < end;); return n; }"),
  );
  await threads.job;
  const [running, queued] = [succeeded(threads, 5), succeeded(threads, 6)];
  await new Promise((resolve) => setTimeout(resolve, 50));
  threads.interrupt(10);
  await expect(running).rejects.toMatchObject({ blame: false });
  await expect(queued).rejects.toMatchObject({ blame: false });
  expect(await succeeded(threads, 7)).toEqual([7]);
});

test("each request for a job that cannot be loaded fails alike, and no thread is started again", async () => {
  const threads = start("throw new Error('broken for good');", 2);
  await expect(threads.job).rejects.toMatchObject({ code: "JOB_INVALID" });
  await expect(succeeded(threads, 1)).rejects.toMatchObject({ code: "JOB_INVALID" });
});

test("files that a reply names are told before the reply", async () => {
  files.length = 0;
  const threads = start(job("() => 'x'.repeat(5000)", "join: collect()"));
  await succeeded(threads, 1);
  expect(files.some((name) => name.includes("test-0"))).toBe(true);
});

test("what a job posts on parentPort is ignored, and said once with the job's name", async () => {
  log.length = 0;
  const forged = `[null, undefined, 7, "text", {}, { type: "ready" }, { type: "unusable" }, { type: "chunks", id: 1 },
    { type: "failed", id: 1, error: null }, { type: "log" }, { type: null }, new SharedArrayBuffer(8)]`;
  const threads = start(
    `import { parentPort, workerData } from "node:worker_threads";
    const post = () => { for (const message of ${forged}) parentPort.postMessage(message); };
    if (Object.keys(workerData).length > 0) throw new Error("the job has the engine's channel");
    parentPort.on("message", post);
    post();
    ${job("(n) => { post(); if (n === 2) parentPort.close(); return n; }")}`,
  );
  expect(await threads.job).toMatchObject({ name: "numbers" });
  expect(await succeeded(threads, 1)).toEqual([1]);
  expect(await succeeded(threads, 2)).toEqual([2]);
  expect(await succeeded(threads, 3)).toEqual([3]);
  expect(log).toEqual([expect.stringMatching(/^the job .* posts messages on parentPort: .* ignored$/)]);
});

test("what a thread said before it ended is heard", async () => {
  const threads = start(`import { setTimeout } from "node:timers";
    process.on("exit", () => {});
    setTimeout(() => process.exit(3), 0);
    throw new Error("broken for good");`);
  await expect(threads.job).rejects.toThrow("broken for good");
});

test.for([
  [
    `throw new TypeError("mine")`,
    /^the params schema of the job numbers threw: TypeError: mine, at .*job\.ts/,
  ],
  [
    `throw Object.assign(new Error(), { message: () => 1, stack: () => 1 })`,
    /params schema of the job numbers threw: /,
  ],
  [
    `throw new Proxy(new Error("x"), { get() { throw 1; }, getPrototypeOf() { throw 1; } })`,
    /threw: the thrown value cannot be/,
  ],
  [`throw null`, /threw: null was thrown/],
] as const)("a params schema that throws is JOB_INVALID: %s", async ([deed, says]) => {
  const schema = `{ "~standard": { version: 1, vendor: "test", validate() { ${deed}; } } }`;
  const threads = start(job("(n) => n", `params: ${schema}`));
  await expect(threads.checkParams(1)).rejects.toMatchObject({
    code: "JOB_INVALID",
    message: expect.stringMatching(says) as string,
  });
});

test("a thrown value that cannot be sent is answered like any other", async () => {
  const deed = `throw Object.assign(new Error(), { message: () => 1, stack: Symbol("s") })`;
  const threads = start(
    job("(n) => n", `params: { "~standard": { version: 1, vendor: "test", validate() { ${deed}; } } }`),
  );
  await expect(succeeded(threads, 1)).rejects.toThrow(/1/);
  await expect(threads.checkParams(1)).rejects.toMatchObject({ code: "JOB_INVALID" });
});
