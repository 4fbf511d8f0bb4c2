import { expect, test } from "vitest";
import { workspace } from "../../cli/command.ts";
import type { Workspace } from "../../cli/command.ts";
import { chance } from "../../../src/core/chance.ts";
import { survive, written } from "./killing.ts";
import { withoutStacks } from "../driver.ts";
import { failedOf, JOB, outputsOf, resultOf, rowsFor, textOf } from "../sales.ts";

/** `FANJOIN_SEED` reproduces the moments, as far as a real machine can. */
const seed = Number(process.env["FANJOIN_SEED"] ?? 20_260_101);
const KILLS = 24;
/** Concurrent batches, each in a directory of its own. */
const LANES = 2;
/** After this many kills a batch may end, and the next one begins. */
const MAX_KILLS_PER_BATCH = 8;
const RUN = ["run", "sales.ts", "sales.csv", "--concurrency", "2", "--chunk-items", "8"];

test("killed at any moment and resumed, a batch writes the same files as an uninterrupted one, byte for byte", async () => {
  const rows = rowsFor(1200);
  const prepared = (): Workspace => {
    const at = workspace();
    at.write("sales.ts", JOB);
    at.write("sales.csv", textOf(rows));
    return at;
  };
  const quiet = prepared();
  const { code } = await quiet.run(...RUN, "--quiet");
  expect(code).toBe(1);
  const uninterrupted = await written(quiet);
  expect(JSON.parse(uninterrupted.result)).toEqual(resultOf(rows));
  expect(uninterrupted.result).toBe(`${JSON.stringify(resultOf(rows), null, 2)}\n`);
  expect(uninterrupted.outputs).toBe(outputsOf(rows));
  expect(withoutStacks(uninterrupted.failed)).toBe(failedOf(rows, 8, { noRetry: true }));

  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      const random = chance(seed + lane);
      for (let kills = 0; kills < KILLS / LANES;) {
        const at = prepared();
        kills += await survive(at, RUN, random, Math.min(MAX_KILLS_PER_BATCH, KILLS / LANES - kills));
        expect(await written(at), `seed ${seed}, lane ${lane}, after ${kills} kills`).toEqual(uninterrupted);
      }
    }),
  );
}, 120_000);
