import { expect, onTestFinished, test } from "vitest";
import type { CrashJournal } from "../../../src/core/records/attempts/crash-journal.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { startChildRunner } from "../../../src/local/child-process/child-runner.ts";
import type { ChildRunner } from "../../../src/local/child-process/child-runner.ts";
import { threadJournals } from "../../../src/local/threads/thread-journal.ts";
import type { ChunksRequest } from "../../../src/runner/runner.ts";
import { bench, specFor } from "../engine/engines.ts";
import type { Bench } from "../engine/engines.ts";

interface Child {
  readonly at: Bench;
  readonly isolated: ChildRunner;
  /** Items 0 … 9 are chunk 0, the next ten chunk 1. */
  readonly run: (
    chunk: number,
    quarantined?: CrashJournal["quarantined"],
  ) => ReturnType<ChildRunner["chunks"]>;
}

/** A child for a job whose items do `deed`, a statement that may use `n`. */
function childFor(deed: string, more = ""): Child {
  const at = bench();
  const text = `import { collect, defineJob, range } from "fanjoin";
    export default defineJob({ name: "isolated", input: range(20), retries: 0, join: collect(), ${more}
      async process(n, ctx) { ${deed}; return n; } });`;
  const jobFile = at.write("job.ts", text);
  const files: string[] = [];
  const isolated = startChildRunner({
    jobFile,
    directory: at.path("state"),
    segmentPrefix: "test",
    onFiles: (names) => files.push(...names),
    onLog: ({ level, message, fields }) => at.log.push({ level, message, fields }),
  });
  onTestFinished(() => isolated.close());
  return {
    at,
    isolated,
    run: (chunk, quarantined = []) => isolated.chunks(requestFor(jobFile, chunk, { deaths: 2, quarantined })),
  };
}

function requestFor(file: string, chunk: number, journal: CrashJournal): ChunksRequest {
  const job = { file, name: "isolated", input: { kind: "range", options: {}, own: { from: 0, to: 20 } } };
  const enough = { items: null, percent: null, afterMs: null, minute: null };
  const options = { tolerate: { count: null, percent: null }, enough };
  const spec = specFor({ ...job, options } as unknown as Parameters<typeof specFor>[0]);
  const message: ChunkMessage = {
    kind: "chunk",
    batch: spec.batch,
    generation: 0,
    chunk,
    attempt: 1,
    source: 0,
    start: chunk * 10,
    end: chunk * 10 + 10,
  };
  return { spec, chunks: [message], careful: new Map([[chunk, journal]]) };
}

test("the item that the child had open when it died is to blame, and its journal is gone", async () => {
  const { at, run } = childFor("if (n === 7) process.kill(process.pid, 'SIGKILL')");
  await expect(run(0)).rejects.toMatchObject({
    name: "ItemDied",
    death: { chunk: 0, index: 7, code: "ITEM_CRASHED", error: { name: "CrashError" } },
  });
  expect(threadJournals(at.path("state"))).toEqual([]);
});

test("the death of one child leaves the requests behind it to the next one", async () => {
  const { run } = childFor("if (n === 7) process.kill(process.pid, 'SIGKILL')");
  const [first, second] = await Promise.allSettled([run(0), run(1)]);
  expect(first).toMatchObject({ reason: { death: { chunk: 0 } } });
  expect(second).toMatchObject({ value: { done: [{ child: 1, totals: { succeeded: 10 } }] } });
});

test("a quarantined item is not run, and its neighbours are", async () => {
  const { run } = childFor("if (n === 7) process.kill(process.pid, 'SIGKILL')");
  const error = { name: "CrashError", message: "it did" };
  const { done } = await run(0, [{ index: 7, code: "ITEM_CRASHED", error, attempts: 3 }]);
  expect(done).toMatchObject([{ child: 0, totals: { succeeded: 9, failed: 1 } }]);
});

test("the end of the child's thread alone is told apart", async () => {
  const { run } = childFor("if (n === 3) process.exit(5); if (n === 14) for (;;);", "itemTimeoutMs: 100,");
  await expect(run(0)).rejects.toMatchObject({
    death: { index: 3, code: "ITEM_CRASHED", error: { message: expect.stringContaining("5") as string } },
  });
  await expect(run(1)).rejects.toMatchObject({ death: { chunk: 1, index: 4, code: "ITEM_TIMEOUT" } });
});

test("Ctrl-C, which every process of a terminal is sent, does not end the child", async () => {
  const { run } = childFor("process.kill(process.pid, n % 2 ? 'SIGINT' : 'SIGTERM')");
  expect(await run(0)).toMatchObject({ done: [{ totals: { succeeded: 10 } }] });
});

test("a child that is interrupted answers with what it finished, and closing it is not evidence", async () => {
  const { isolated, at, run } = childFor("ctx.log.info('begun'); await new Promise(() => {})");
  const running = run(0);
  while (at.log.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  isolated.interrupt(10_000);
  expect(await running).toEqual({ body: null, done: [] });
  const again = run(1);
  while (at.log.length === 1) await new Promise((resolve) => setTimeout(resolve, 5));
  await isolated.close();
  await expect(again).rejects.toMatchObject({ name: "ThreadDied", blame: false });
  expect(threadJournals(at.path("state"))).toEqual([]);
});

test("a job that the child cannot load is told so", async () => {
  const { run } = childFor("}; broken here {");
  await expect(run(0)).rejects.toMatchObject({ code: "JOB_INVALID" });
});

test("what a job in the child writes to the engine's channel is ignored, and said once", async () => {
  // A thread has no `process.send`. The channel is the descriptor 3 of the child.
  const { at, run } = childFor(`
    if (process.send !== undefined) throw new Error("there is a channel");
    const { serialize } = await import("node:v8");
    const { writeSync } = await import("node:fs");
    for (const message of [null, undefined, 7, "text", {}, { type: null }, { type: "other" }]) {
      const text = serialize(message);
      const frame = Buffer.alloc(4 + text.length);
      frame.writeUInt32BE(text.length);
      frame.set(text, 4);
      writeSync(3, frame);
    }`);
  expect(await run(0)).toMatchObject({ done: [{ child: 0, totals: { succeeded: 10 } }] });
  expect(at.log.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^the job file .*job\.ts sends messages to its parent process: .* ignored$/),
  ]);
});
