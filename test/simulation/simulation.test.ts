import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";
import { check, checkRedriven } from "./verdict.ts";

/** `FANJOIN_SEED` is the only seed to run; `FANJOIN_SEEDS` is how many seeds to run. */
const { FANJOIN_SEED, FANJOIN_SEEDS = "1000" } = process.env;
const seeds =
  FANJOIN_SEED === undefined
    ? Array.from({ length: Number(FANJOIN_SEEDS) }, (_, n) => n + 1)
    : [Number(FANJOIN_SEED)];

test("with any deaths, duplicates and reordering, a batch and its redrive have the sequential result of their settled chunks", async () => {
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
