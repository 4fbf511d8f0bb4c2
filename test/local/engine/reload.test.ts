/** A job file that changes while an engine runs. */
import { expect, test } from "vitest";
import { bench, numbers, specFor } from "./engines.ts";
import { upTo, until, valueOf } from "./batches-run.ts";

test("a changed job is for later batches: while a batch of it runs, nothing is loaded anew", async () => {
  const at = bench();
  const waiting = `async (n, ctx) => {
    ctx.log.info("begins");
    while (!existsSync(${JSON.stringify(at.path("go"))})) await new Promise((r) => setTimeout(r, 2));
    return n;
  }`;
  const file = at.write("job.ts", `import { existsSync } from "node:fs"; ${numbers(4, waiting)}`);
  const engine = await at.open();
  await engine.submit(specFor(await engine.load(file), { items: 2 }));
  await until(() => at.log.some(({ message }) => message === "begins"));
  at.write("job.ts", numbers(4, "(n) => n * 10"));
  expect(await engine.reload(file)).toBe(false);
  at.write("go", "");
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(4));
  expect(await engine.reload(file)).toBe(true);
  await engine.submit(specFor(await engine.load(file), { batch: "01B" }));
  expect(valueOf(await engine.finished("01B"))).toEqual({ order: "0,10,20,30,", sum: 60 });
  // No batch of this job was ever submitted.
  expect(await engine.reload(at.path("other.ts"))).toBe(true);
});
