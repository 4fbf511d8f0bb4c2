import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { STATE_FILE } from "../../../src/local/directory/files/own-files.ts";
import { openEngine } from "../../../src/local/engine/open-engine.ts";
import type { Engine } from "../../../src/local/engine/engine.ts";
import type { BatchFiles } from "../../../src/batch/summary/files.ts";
import { bench, numbers, specFor } from "./engines.ts";
import { DEAF, begin, until, upTo, valueOf } from "./batches-run.ts";

test("a batch is joined in order, published, and its files are where users look for them", async () => {
  const at = bench();
  const engine = await begin(at, numbers(1000), { items: 3 });
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "succeeded", chunks: 334 });
  expect(valueOf(fields)).toEqual(upTo(1000));
  expect(JSON.parse(readFileSync(at.path("state", "batches", "01A", "result.json"), "utf8"))).toEqual(
    upTo(1000),
  );
  expect(engine.progress("01A")).toMatchObject({ totals: { chunks: 334, succeeded: 1000 }, units: 1000 });
});

test("stopping twice is stopping once, and both callers wait for it", async () => {
  const at = bench();
  const engine = await begin(at, numbers(1000), { items: 1 });
  await Promise.all([engine.stop(), engine.stop()]);
  await expect(at.open()).resolves.toHaveProperty("resume");
});

test("stopping does not wait for code that never yields", async () => {
  const at = bench();
  const engine = await begin(at, numbers(50, DEAF), { items: 1 });
  await until(() => at.log.some(({ message }) => message === "deaf"));
  await engine.stop();
  expect(at.log.filter(({ level }) => level === "error")).toEqual([]);
});

test("a second engine on the directory is told who holds it", async () => {
  const at = bench();
  await at.open();
  await expect(openEngine({ directory: at.path("state"), concurrency: 1 })).rejects.toMatchObject({
    code: "DIRECTORY_IN_USE",
    message: expect.stringContaining(String(process.pid)) as string,
  });
});

test("the output of jobs goes to their log, and never to the engine's own standard output", async () => {
  const at = bench();
  const engine = await begin(
    at,
    numbers(3, "(n, ctx) => { console.log('printed ' + n); ctx.log.warn('logged', { n }); return n; }"),
  );
  await engine.finished("01A");
  await until(() => at.log.some(({ message }) => message.includes("printed 2")));
  expect(at.log).toContainEqual({ level: "warn", message: "logged", fields: { n: 2 } });
});

test("200,000 chunks never lie in the queue all at once", async () => {
  const at = bench();
  const engine = await at.open();
  const job = await engine.load(
    at.write(
      "job.ts",
      `import { defineJob, range, sum } from "fanjoin"; export default defineJob({ name: "n", input: range(200000), join: sum(), process: (n) => n });`,
    ),
  );
  const queue = engine.queue as Engine["queue"] & {
    waiting(name: string): number;
    inFlight(name: string): number;
  };
  let most = 0;
  const look = setInterval(() => {
    most = Math.max(most, queue.waiting("worker") + queue.inFlight("worker"));
  }, 1);
  await engine.submit(specFor(job, { items: 1 }));
  const fields = await engine.finished("01A");
  clearInterval(look);
  expect(fields).toMatchObject({ state: "succeeded", chunks: 200_000 });
  expect((fields["result"] as unknown as BatchFiles).result?.value).toBe((200_000 * 199_999) / 2);
  // Four bundles of 64 chunks for each of two threads, the entry that was being sent, and the bundles on
  // their way.
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(2000);
});

test("a directory that cannot be opened is left unlocked", async () => {
  const at = bench();
  at.write(`state/${STATE_FILE}`, "this is not a database, and long enough to be looked at: ".repeat(20));
  await expect(at.open()).rejects.toMatchObject({ code: "DIRECTORY_UNUSABLE" });
  at.write(`state/${STATE_FILE}`, "");
  await (await at.open()).stop();
});
