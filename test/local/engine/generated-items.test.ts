/** Batches whose items the job makes, in a thread of their own. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bench, specFor } from "./engines.ts";
import { valueOf } from "./batches-run.ts";

test("a generator runs once, however many entries the plan has, and again for another batch", async () => {
  const at = bench();
  const began = at.path("began");
  const job = at.write(
    "job.ts",
    `import { appendFileSync } from "node:fs";
     import { defineJob, from, sum } from "fanjoin";
     export default defineJob({ name: "made", join: sum(), process: (n) => n, input: from(function* () {
       appendFileSync(${JSON.stringify(began)}, "x");
       for (let n = 0; n < 400; n++) yield n;
     }) });`,
  );
  const engine = await at.open();
  for (const batch of ["01A", "01B"]) {
    await engine.submit(specFor(await engine.load(job), { batch, items: 1 }));
    const fields = await engine.finished(batch);
    expect(fields).toMatchObject({ state: "succeeded", chunks: 400 });
    expect(valueOf(fields)).toBe((400 * 399) / 2);
  }
  expect(readFileSync(began, "utf8")).toBe("xx");
});
