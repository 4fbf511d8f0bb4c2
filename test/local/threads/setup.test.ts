import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { startChildRunner } from "../../../src/local/child-process/child-runner.ts";
import { startThreadPool } from "../../../src/local/threads/pool/thread-pool.ts";
import type { ThreadPool, ThreadPoolOptions } from "../../../src/local/threads/pool/pool-options.ts";
import type { ChunksRequest, Runner } from "../../../src/runner/runner.ts";
import { until } from "../engine/batches-run.ts";
import { bench, specFor } from "../engine/engines.ts";
import type { Bench } from "../engine/engines.ts";

interface Started {
  readonly at: Bench;
  readonly options: Omit<ThreadPoolOptions, "count">;
  /** What the job's functions have noted, by `note`. */
  notes(): string[];
}

/** A job whose functions may call `note(text)`, and options for what runs it. */
function jobFor(functions: string): Started {
  const at = bench();
  const file = at.path("notes");
  const text = `import { appendFileSync, existsSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { count, defineJob, from, range } from "fanjoin";
    const at = ${JSON.stringify(at.path("go"))};
    const note = (text) => appendFileSync(${JSON.stringify(file)}, text + "\\n");
    export default defineJob({ name: "owner", input: range(20), retries: 0, join: count(), ${functions} });`;
  const jobFile = at.write("job.ts", text);
  at.write("notes", "");
  const options = {
    jobFile,
    directory: at.path("state"),
    segmentPrefix: "test",
    onFiles: () => undefined,
    onLog: ({ message }: { readonly message: string }) =>
      at.log.push({ level: "info", message, fields: null }),
  } as const;
  return { at, options, notes: () => readFileSync(file, "utf8").split("\n").slice(0, -1) };
}

function pool({ options }: Started, more: Partial<ThreadPoolOptions> = {}): ThreadPool {
  const threads = startThreadPool({ ...options, count: 1, ...more });
  onTestFinished(() => threads.close());
  return threads;
}

function request(file: string, chunk: number, careful: ChunksRequest["careful"] = null): ChunksRequest {
  const job = { file, name: "owner", input: { kind: "range", options: {}, own: { from: 0, to: 20 } } };
  const enough = { items: null, percent: null, afterMs: null, minute: null };
  const options = { tolerate: { count: null, percent: null }, enough };
  const spec = specFor({ ...job, options } as unknown as Parameters<typeof specFor>[0]);
  const range = { source: 0, start: chunk * 5, end: chunk * 5 + 5 };
  const message: ChunkMessage = {
    kind: "chunk",
    batch: spec.batch,
    generation: 0,
    chunk,
    attempt: 1,
    ...range,
  };
  return { spec, chunks: [message], careful };
}

async function succeeded(
  runner: Pick<Runner, "chunks">,
  { options }: Started,
  chunk: number,
): Promise<number> {
  const { done } = await runner.chunks(request(options.jobFile, chunk));
  return done.reduce((sum, { totals }) => sum + totals.succeeded, 0);
}

const OWNER = `
  setup: async () => { note("setup"); await sleep(5); return { pool: 7 }; },
  process: (n, { own }) => { if (own.pool !== 7) throw new Error("no pool"); return n; },
  teardown: async (own) => { await sleep(5); note("teardown " + own.pool); }`;

test("each thread runs setup before its first item, and teardown at its end", async () => {
  const owner = jobFor(OWNER);
  const threads = pool(owner, { count: 2 });
  const [a, b] = await Promise.all([succeeded(threads, owner, 0), succeeded(threads, owner, 1)]);
  expect(a + b).toBe(10);
  expect(await succeeded(threads, owner, 2)).toBe(5);
  expect(owner.notes()).toEqual(["setup", "setup"]);
  await threads.close();
  expect(owner.notes().slice(2)).toEqual(["teardown 7", "teardown 7"]);
});

test("a thread that only describes, checks params, plans or merges runs no setup", async () => {
  const owner = jobFor(`${OWNER}, input: from(() => [1, 2, 3])`);
  const threads = pool(owner, { schemas: true });
  expect(await threads.job).toMatchObject({ name: "owner" });
  await threads.checkParams(null);
  const { spec } = request(owner.options.jobFile, 0);
  const cut = await threads.plan({ spec, last: null, next: { count: 1, bytes: 1000, items: 10 } });
  expect(cut?.ranges).not.toEqual([]);
  const merge = { batch: "01A", index: 0, tag: "t", root: true, first: 0, children: [], bodies: [] };
  await threads.merge(merge);
  await threads.close();
  expect(owner.notes()).toEqual([]);
});

test.for([
  [
    "throws",
    "() => { throw new Error('no database'); }",
    /^setup of the job owner threw: no database, at .*job\.ts/,
  ],
  ["ends its thread", "() => process.exit(3)", /^setup of the job owner ended its thread: exit code 3$/],
  [
    "never returns",
    "() => { for (;;); }",
    /^setup of the job owner ended its thread: it was kept busy for more than 0 s$/,
  ],
  ["never settles", "() => new Promise(() => {})", /^setup of the job owner did not finish within 0 s$/],
] as const)(
  "a setup that %s is SETUP_FAILED, each time, and the thread goes on or is replaced",
  async ([, setup, message]) => {
    const owner = jobFor(`setup: ${setup}, process: (n) => n, itemTimeoutMs: 60_000`);
    const threads = pool(owner, { setupTimeoutMs: 100 });
    for (const failures of [1, 2, 3]) {
      await expect(succeeded(threads, owner, 0)).rejects.toMatchObject({
        code: "SETUP_FAILED",
        message: expect.stringMatching(message) as string,
        failures,
      });
    }
  },
);

test("a success ends a row of failures", async () => {
  const owner =
    jobFor(`setup: () => { if (!globalThis.again) { globalThis.again = true; throw new Error("not yet"); } return 1; },
    process: (n) => n === 19 ? process.exit(3) : n`);
  const threads = pool(owner);
  await expect(succeeded(threads, owner, 0)).rejects.toMatchObject({ failures: 1 });
  expect(await succeeded(threads, owner, 0)).toBe(5);
  await expect(succeeded(threads, owner, 3)).rejects.toMatchObject({ name: "ThreadDied", blame: true });
  // A new thread has a setup of its own.
  await expect(succeeded(threads, owner, 0)).rejects.toMatchObject({ failures: 1 });
});

test("a setup that runs can be interrupted, and its thread stays", async () => {
  const setup = 'async () => { note("setup"); while (!existsSync(at)) await sleep(5); return 1; }';
  const owner = jobFor(`setup: ${setup}, process: (n) => n`);
  const threads = pool(owner);
  const interrupted = succeeded(threads, owner, 0);
  await until(() => owner.notes().includes("setup"));
  threads.interrupt(10_000);
  expect(await interrupted).toBe(0);
  owner.at.write("go", "");
  expect(await succeeded(threads, owner, 0)).toBe(5);
  expect(owner.notes()).toEqual(["setup"]);
});

/** Runs a chunk, and then one that makes its thread deaf until `ends`. The thread is replaced. */
async function replaceDeaf(ends: string): Promise<{ readonly owner: Started; readonly threads: ThreadPool }> {
  const loop = `if (n === 5) { note('loops'); while (!(${ends})); } return n;`;
  const owner = jobFor(OWNER.replace("return n;", loop));
  const threads = pool(owner);
  expect(await succeeded(threads, owner, 0)).toBe(5);
  const deaf = succeeded(threads, owner, 1);
  await until(() => owner.notes().includes("loops"));
  threads.interrupt(1);
  await expect(deaf).rejects.toMatchObject({ name: "ThreadDied", blame: false });
  return { owner, threads };
}

test("a thread that is replaced tears down if it answers again", async () => {
  const { owner, threads } = await replaceDeaf("existsSync(at)");
  owner.at.write("go", "");
  await threads.close();
  expect(owner.notes()).toEqual(["setup", "loops", "teardown 7"]);
});

test("a thread that no longer answers is not waited for", async () => {
  const { owner, threads } = await replaceDeaf("false");
  await threads.close();
  expect(owner.notes()).toEqual(["setup", "loops"]);
});

test("a child process has a setup of its own, and tears down when it is closed", async () => {
  const owner = jobFor(OWNER);
  const child = startChildRunner(owner.options);
  onTestFinished(() => child.close());
  const careful = new Map([[0, { deaths: 2, quarantined: [] }]]);
  const { done } = await child.chunks(request(owner.options.jobFile, 0, careful));
  expect(done).toMatchObject([{ totals: { succeeded: 5 } }]);
  expect(owner.notes()).toEqual(["setup"]);
  await child.close();
  expect(owner.notes()).toEqual(["setup", "teardown 7"]);
});
