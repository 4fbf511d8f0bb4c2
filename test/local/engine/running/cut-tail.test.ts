/** Threads that have nothing to do take parts of a chunk that still runs. */
import { nodeKey } from "../../../../src/core/records/tree.ts";
import { SplitView } from "../../../../src/core/records/split.ts";
import { expect, test } from "vitest";
import { bench, numbers, specFor } from "../engines.ts";

const ITEMS = 400;

test("idle threads take parts of the only chunk, whose result is that of one thread", async () => {
  const at = bench();
  const engine = await at.open(2);
  // Items are slow until a second thread has run one of them.
  const process = `(n) => {
    writeFileSync(${JSON.stringify(at.path("seen"))} + threadId, "");
    if (readdirSync(${JSON.stringify(at.path())}).filter((name) => name.startsWith("seen")).length < 2)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    return n;
  }`;
  const imports = `import { readdirSync, writeFileSync } from "node:fs"; import { threadId } from "node:worker_threads";`;
  const job = await engine.load(at.write("job.ts", `${imports} ${numbers(ITEMS, process)}`));
  await engine.submit(specFor(job, { items: ITEMS }));
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({
    state: "succeeded",
    totals: { chunks: 1, succeeded: ITEMS },
    result: { result: { value: { order: Array.from({ length: ITEMS }, (_, n) => `${n},`).join("") } } },
  });
  const [split] = await engine.ledger.read([nodeKey({ batch: "01A", generation: 0, level: -1, index: 0 })]);
  const tags = new SplitView(split ?? {}).tags();
  expect(new Set(tags).size).toBeGreaterThan(1);
  expect(at.log).toEqual([]);
});
