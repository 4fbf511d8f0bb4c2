import { expect, test } from "vitest";
import { workspace } from "../cli/command.ts";
import type { Workspace } from "../cli/command.ts";
import { chance } from "../simulation/chance.ts";
import { survive, written } from "./killing.ts";
import { failedOf, JOB, outputsOf, resultOf, rowsFor, textOf } from "./sales.ts";

/** `FANJOIN_SEED` reproduces the moments, as far as a real machine lets it. */
const seed = Number(process.env["FANJOIN_SEED"] ?? 20_260_101);
const KILLS = 24;
/** Batches at the same time, each in a directory of its own. */
const LANES = 2;
/** Of one batch: then it is let live, and the next one begins. */
const MOST_KILLS = 8;
const RUN = ["run", "sales.ts", "sales.csv", "--concurrency", "2", "--chunk-items", "8"];

test("a batch that is killed at any moment and resumed ends with the files of one that was not, byte for byte", async () => {
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
  expect(uninterrupted.failed).toBe(failedOf(rows, 8));

  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      const random = chance(seed + lane);
      for (let kills = 0; kills < KILLS / LANES;) {
        const at = prepared();
        kills += await survive(at, RUN, random, Math.min(MOST_KILLS, KILLS / LANES - kills));
        expect(await written(at), `seed ${seed}, lane ${lane}, after ${kills} kills`).toEqual(uninterrupted);
      }
    }),
  );
}, 120_000);
