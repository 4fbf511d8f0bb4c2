/**
 * Directories of format 5. `fixtures/format-5.json` has a batch of a Parquet file, whose size was measured in
 * the bytes of its picked columns and one row of which had failed, and one of its pulled chunk, which lies in
 * pieces.
 */
import { expect, test } from "vitest";
import { readSpec } from "../../src/batch/spec.ts";
import type { Fields } from "../../src/core/records/record.ts";
import type { Engine } from "../../src/local/engine/engine.ts";
import { redriven, restoreTexts } from "./earlier-directory.ts";
import { bench } from "./engine/engines.ts";

const MEASURED = "01M8NZ47WXNE3DPA3GCNHPNFK1";
const PULLED = "01M8NZ556D9Q5YQYWG5QQSHWFT";

const JOB = `import { collect, defineJob, groupBy, parquet, sum } from "fanjoin";
  export default defineJob({
    name: "sales", input: parquet({ pick: ["id", "country"] }), retries: 0,
    process: (row) => ({ id: Number(row.id), country: row.country }),
    join: { ids: groupBy((row) => row.country, sum((row) => row.id)), all: collect() },
  });`;

async function restored(): Promise<Engine> {
  const at = bench();
  await restoreTexts(at, 5, JOB);
  return at.open();
}

const valueOf = (fields: Fields): unknown =>
  (fields["result"] as { result: { value: unknown } }).result.value;

/** Row 13 had failed. */
const WHOLE = { ids: { PT: 767, bad: 13 }, all: 40 };

test("a batch whose input was measured is redriven, and keeps its size", async () => {
  const engine = await restored();
  const { input } = await readSpec(engine.ledger, MEASURED);
  expect(input).toMatchObject({ reader: "parquet", units: 743 });
  const end = await redriven(engine, MEASURED);
  expect(end).toMatchObject({ state: "succeeded", totals: { succeeded: 40, failed: 0, units: 743 } });
  expect(valueOf(end)).toEqual(WHOLE);
});

test("a pulled chunk in pieces is redriven from the pieces", async () => {
  const engine = await restored();
  const { reproduces } = await readSpec(engine.ledger, PULLED);
  expect(reproduces?.chunks).toMatchObject([{ text: { pieces: [{ at: 4, bytes: 1977 }] } }]);
  const end = await redriven(engine, PULLED);
  expect(end).toMatchObject({ state: "succeeded", totals: { succeeded: 40, failed: 0 } });
  expect(valueOf(end)).toEqual(WHOLE);
});
