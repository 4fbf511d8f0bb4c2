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
  const happened = { lost: 0, unrun: 0, resumed: 0 };
  for (const seed of seeds) {
    try {
      const simulated = await simulate(seed);
      check(simulated);
      happened.lost += simulated.happened.lost;
      happened.unrun += simulated.happened.unrun;
      happened.resumed += simulated.happened.resumed;
      const { cancelled } = await simulated.redrive();
      checkRedriven(simulated, cancelled);
    } catch (error) {
      throw new Error(`seed ${seed} fails; FANJOIN_SEED=${seed} reproduces it`, { cause: error });
    }
  }
  // All of these really happened, unless there were too few seeds.
  if (seeds.length < 100) return;
  expect(happened.lost).toBeGreaterThan(0);
  expect(happened.unrun).toBeGreaterThan(0);
  expect(happened.resumed).toBeGreaterThan(0);
});
