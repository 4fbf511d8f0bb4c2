/**
 * Directories of format 4 with chunks that were cut, and with a hedge. `fixtures/format-4.json` has a batch
 * with a failed item whose only chunk was settled by its split, one whose process was killed while parts were
 * open, and one whose process was killed while a chunk ran twice.
 */
import { expect, test } from "vitest";
import { liveCountsKey } from "../../src/core/records/batch/live-counts.ts";
import type { Fields } from "../../src/core/records/record.ts";
import { SplitView } from "../../src/core/records/split.ts";
import { nodeKey } from "../../src/core/records/tree.ts";
import type { Engine } from "../../src/local/engine/engine.ts";
import { redriven, restoreTexts } from "./earlier-directory.ts";
import { bench } from "./engine/engines.ts";
import type { Bench } from "./engine/engines.ts";

const CUT = "01M8N55D42DJAQVR4ANEPHAWGV";
const KILLED = "01M8N5640TDYVKH7J88SER1STE";
const HEDGED = "01M8N56HKPCNR5G30XBR4W4989";

async function restored(): Promise<{ readonly at: Bench; readonly engine: Engine }> {
  const at = bench();
  await restoreTexts(at, 4);
  return { at, engine: await at.open() };
}

async function splitOf(engine: Engine, batch: string, generation: number): Promise<SplitView> {
  const [fields] = await engine.ledger.read([nodeKey({ batch, generation, level: -1, index: 0 })]);
  return new SplitView(fields ?? {});
}

const valueOf = (fields: Fields): unknown =>
  (fields["result"] as { result: { value: unknown } }).result.value;

test("a failed item of a chunk that was settled by its split is redriven, and only its part is done again", async () => {
  const { engine } = await restored();
  const end = await redriven(engine, CUT);
  expect(end).toMatchObject({ state: "succeeded", totals: { chunks: 1, succeeded: 40, failed: 0 } });
  expect(valueOf(end)).toEqual({ sum: 9093, all: 40 });
  const before = await splitOf(engine, CUT, 0);
  const after = await splitOf(engine, CUT, 1);
  const changed = after.parts().filter((part) => after.tag(part) !== before.tag(part));
  expect(changed).toHaveLength(1);
});

test("a batch whose process was killed while parts were open goes on with these parts", async () => {
  const { engine } = await restored();
  expect((await splitOf(engine, KILLED, 0)).settled).toBe(1);
  await engine.resume(KILLED);
  const end = await engine.finished(KILLED);
  expect(end).toMatchObject({ state: "succeeded", totals: { chunks: 1, lost: 0, succeeded: 40 } });
  expect(valueOf(end)).toEqual({ sum: 9093, all: 40 });
});

test("a batch whose process was killed while a chunk ran twice goes on, and blames no item", async () => {
  const { at, engine } = await restored();
  await engine.resume(HEDGED);
  const end = await engine.finished(HEDGED);
  expect(end).toMatchObject({ state: "succeeded", totals: { chunks: 40, succeeded: 40, failed: 0 } });
  expect(valueOf(end)).toEqual({ sum: 9093, all: 40 });
  // The hedge that died with its process is not made again.
  const [counts] = await engine.ledger.read([liveCountsKey(HEDGED)]);
  expect(counts).toEqual({ hedges: 1 });
  expect(at.log).toEqual([]);
});
