import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";
import { check, checkRedriven } from "./verdict.ts";

/** `FANJOIN_SEED` runs one seed alone, and any number of them with `FANJOIN_SEEDS`. */
const { FANJOIN_SEED, FANJOIN_SEEDS = "1000" } = process.env;
const seeds =
  FANJOIN_SEED === undefined
    ? Array.from({ length: Number(FANJOIN_SEEDS) }, (_, n) => n + 1)
    : [Number(FANJOIN_SEED)];

test("whatever dies, is repeated or overtaken, a batch and its redrive come to the sequential result, or to that of exactly the settled chunks", async () => {
  expect.hasAssertions();
  for (const seed of seeds) {
    try {
      const simulated = await simulate(seed);
      check(simulated);
      const { cancelled } = await simulated.redrive();
      checkRedriven(simulated, cancelled);
    } catch (error) {
      throw new Error(`seed ${seed} fails; FANJOIN_SEED=${seed} reproduces it`, { cause: error });
    }
  }
});
