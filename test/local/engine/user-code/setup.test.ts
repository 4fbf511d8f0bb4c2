import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { begin, upTo, valueOf } from "../batches-run.ts";
import { bench, numbers, specFor } from "../engines.ts";

test("a setup that fails on every attempt ends the batch early, and no item fails", async () => {
  const at = bench();
  const setup = "setup: () => { throw new Error('no database'); }";
  const engine = await begin(at, numbers(4000, "(n) => n", setup), { items: 1 });
  expect(await engine.finished("01A")).toMatchObject({
    state: "failed",
    totals: { succeeded: 0, failed: 0, broken: 0 },
    error: { code: "SETUP_FAILED", message: expect.stringMatching(/no database.*; 3 attempts failed$/) },
  });
  const said = at.log.filter(({ message }) => /no database.*trying again$/.test(message));
  expect(said.length, "not one for each chunk").toBeLessThan(20);
});

test("a redrive runs what a failed setup has left", async () => {
  const at = bench();
  const setup = `setup: () => { if (!existsSync(${JSON.stringify(at.path("database"))})) throw new Error("no database"); return 1; }`;
  const head = 'import { existsSync } from "node:fs";';
  const engine = await begin(at, `${head}${numbers(40, "(n) => n", setup)}`, { items: 4 });
  expect(await engine.finished("01A")).toMatchObject({ state: "failed" });
  at.write("database", "");
  expect(await engine.redrive("01A", null)).toBe(true);
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "succeeded", totals: { succeeded: 40, failed: 0 } });
  expect(valueOf(fields)).toEqual(upTo(40));
});

test("chunks that waited for a setup that failed once are run as usual, without care", async () => {
  const at = bench();
  // Careful attempts run one item at a time.
  const process = `(n) => new Promise((resolve) => {
    const cells = globalThis.cells ??= { running: 0 };
    cells.running++;
    setTimeout(() => { const most = cells.running; cells.running--; resolve(n); if (most > 1) appendFileSync(together, n + ","); }, 5);
  })`;
  const setup = `concurrency: 10, setup: () => { if (globalThis.again) return 1; globalThis.again = true; throw new Error("not yet"); }`;
  const head = `import { appendFileSync } from "node:fs"; const together = ${JSON.stringify(at.path("together"))};`;
  const engine = await begin(at, `${head}${numbers(40, process, setup)}`, { items: 10 }, 1);
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "succeeded", totals: { succeeded: 40 } });
  expect(readFileSync(at.path("together"), "utf8").split(",").length).toBeGreaterThan(30);
});

test("teardown runs when the engine stops, and when a job is loaded anew", async () => {
  const at = bench();
  const notes = at.path("notes");
  const hooks = `setup: () => appendFileSync(${JSON.stringify(notes)}, "+"), teardown: () => appendFileSync(${JSON.stringify(notes)}, "-")`;
  const text = `import { appendFileSync } from "node:fs"; ${numbers(10, "(n) => n", hooks)}`;
  const engine = await begin(at, text, {}, 1);
  await engine.finished("01A");
  const file = at.path("job.ts");
  expect(await engine.describe(file)).toMatchObject({ name: "numbers" });
  expect(readFileSync(notes, "utf8"), "a description runs no setup").toBe("+");
  await engine.reload(file);
  expect(readFileSync(notes, "utf8")).toBe("+-");
  await engine.submit(specFor(await engine.load(file), { batch: "01B" }));
  await engine.finished("01B");
  await engine.stop();
  expect(readFileSync(notes, "utf8")).toBe("+-+-");
});
