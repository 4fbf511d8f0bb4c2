import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bench, numbers, specFor } from "../engines.ts";
import type { Engine, JobDescription } from "../../../../src/local/engine/engine.ts";
import { until, upTo, valueOf } from "../batches-run.ts";

const LONG = 3000;
const SHORT = 300;

/** Notes whose item begins, in one file for all threads, and takes two milliseconds. */
const NOTED = `(n, { params }) => {
  appendFileSync(params.file, params.name);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  return n;
}`;

interface Stage {
  readonly engine: Engine;
  /** The batches whose items have begun, in order: a letter for each item. */
  readonly begun: () => string;
  readonly submit: (batch: string, name: string, items: number) => Promise<void>;
}

async function stage(): Promise<Stage> {
  const at = bench();
  const engine = await at.open(2);
  const file = at.path("begun");
  const jobs = new Map<number, JobDescription>();
  for (const items of [LONG, SHORT]) {
    const text = `import { appendFileSync } from "node:fs"; ${numbers(items, NOTED)}`;
    jobs.set(
      items,
      await engine.load(at.write(`of-${items}.ts`, text.replace('"numbers"', `"of-${items}"`))),
    );
  }
  return {
    engine,
    begun: () => (existsSync(file) ? readFileSync(file, "utf8") : ""),
    async submit(batch, name, items) {
      const job = jobs.get(items);
      if (job) await engine.submit(specFor(job, { batch, items: null, params: { file, name } }));
    },
  };
}

test("a short batch beside a long one begins with the next chunks, and shares the threads", async () => {
  const { engine, begun, submit } = await stage();
  await submit("01LONG", "L", LONG);
  // The sizes of its chunks are learned by then.
  await until(() => begun().length >= 600);
  const before = begun().length;
  await submit("01SHRT", "s", SHORT);
  expect(valueOf(await engine.finished("01SHRT"))).toEqual(upTo(SHORT));
  const order = begun().slice(before);
  const beforeFirst = order.indexOf("s");
  const beforeLast = order.lastIndexOf("s") + 1 - SHORT;
  // In turn, it would begin when some 2,400 others had begun.
  expect(beforeFirst).toBeLessThan(1000);
  expect(beforeLast).toBeLessThan(1500);
  expect(valueOf(await engine.finished("01LONG"))).toEqual(upTo(LONG));
});
