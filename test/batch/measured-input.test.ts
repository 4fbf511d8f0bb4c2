/** The size of an input that only the footers of its files tell. */
import { expect, test } from "vitest";
import { measured } from "../../src/batch/measured-input.ts";
import { isAllPlanned, sizeOf, unitsOf } from "../../src/batch/sources.ts";
import { parseSpec, specFields } from "../../src/batch/spec.ts";
import type { BatchSpec } from "../../src/batch/spec.ts";
import { parquet } from "../../src/input/parquet.ts";
import { submitMeasured } from "../../src/batch/submit.ts";
import { defineJob } from "../../src/job/job.ts";
import { numberedRows } from "../input/parquet/numbered-rows.ts";
import { csvJob } from "../steps/jobs.ts";
import { stage } from "../steps/stage.ts";
import { BATCH } from "../steps/stage-spec.ts";
import type { Stage } from "../steps/stage.ts";
import type { StageOptions } from "../steps/stage-spec.ts";

const FILE = numberedRows({ rows: 40, groupRows: 20, ballast: 5000 });

function parquetStage(pick: readonly string[], more: Partial<StageOptions> = {}): Promise<Stage> {
  const process = ({ id }: { readonly id: number }): number => id;
  const input = parquet<{ readonly id: number }>({ pick });
  const job = defineJob({ name: "rows", input, process });
  return stage({ job, inputs: { a: FILE, b: FILE }, chunk: { bytes: 1 }, ...more });
}

test("the size of Parquet files is that of the picked columns, and at the end all of it is done", async () => {
  const sizes: number[] = [];
  for (const pick of [["id"], ["id", "note"], ["id", "large", "note"]]) {
    const one = await parquetStage(pick);
    await one.submit();
    await one.pump();
    const { input } = parseSpec(BATCH, one.batch());
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { units: sizeOf(input) } });
    sizes.push(sizeOf(input) ?? 0);
  }
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  expect(sizes[1]).toBeLessThan(2000);
  expect(sizes[2]).toBeGreaterThan(10_000);
});

test("a measured size is not taken for that of the plan, nor for that of the first items", async () => {
  const one = await parquetStage(["id"]);
  const { input } = await measured(one.spec, one.ports.store);
  expect([unitsOf(input), sizeOf({ ...input, maxItems: 3 })]).toEqual([null, null]);
  expect(isAllPlanned(input, { source: 1, start: 0, end: FILE.length })).toBe(false);
});

test("a file without a readable footer leaves the size unknown, and the batch runs", async () => {
  const one = await parquetStage(["id"], { inputs: { a: FILE, b: FILE.subarray(0, 100) } });
  await one.submit();
  await one.pump();
  expect(sizeOf(parseSpec(BATCH, one.batch()).input)).toBeNull();
  expect(one.batch()).toMatchObject({
    state: "completed-with-failures",
    totals: { succeeded: 40, failed: 1 },
  });
});

test("footers are read once, also where one of them cannot be read", async () => {
  const readsOf = async (submits: (one: Stage) => Promise<void>): Promise<number> => {
    const one = await parquetStage(["id"], { inputs: { a: FILE.subarray(0, 100) } });
    let reads = 0;
    one.hook = ({ port, method }) => void (port === "store" && method === "read" && reads++);
    await submits(one);
    expect(one.queue.waiting("coordinator")).toBe(1);
    return reads;
  };
  const once = await readsOf((one) => one.submit());
  expect(once).toBeGreaterThan(0);
  // As the engine does, which shows the size before the batch is open.
  const apart = await readsOf(async ({ ports, spec }) =>
    submitMeasured(ports, await measured(spec, ports.store)),
  );
  expect(apart).toBe(once);
});

test("the size of pulled ranges is not looked for in a footer", async () => {
  const one = await parquetStage(["id"]);
  const [first] = one.spec.input.sources;
  if (first === undefined) throw new Error("the stage has no source");
  const pulled: BatchSpec = {
    ...one.spec,
    input: { ...one.spec.input, sources: [{ ...first, size: 17 }] },
    reproduces: { batch: BATCH, sources: [], chunks: [] },
  };
  expect(sizeOf((await measured(pulled, one.ports.store)).input)).toBe(17);
});

test("text is not measured, and a measured spec is read as it was written", async () => {
  const text = await stage({ job: csvJob(), inputs: { a: "id\n1\n" } });
  expect(await measured(text.spec, text.ports.store)).toBe(text.spec);
  const one = await parquetStage(["id"]);
  const spec = await measured(one.spec, one.ports.store);
  expect(parseSpec(BATCH, specFields(spec)).input).toEqual(spec.input);
  expect(await measured(spec, one.ports.store)).toBe(spec);
});
