import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";
import { NOTHING_HAPPENED } from "./happened.ts";
import { SOMETIMES, whatHappened } from "./sometimes.ts";
import type { Sometimes } from "./sometimes.ts";
import { check, checkRedriven } from "./verdict.ts";

/** `FANJOIN_SEED` is the only seed to run; `FANJOIN_SEEDS` is how many seeds to run. */
const { FANJOIN_SEED, FANJOIN_SEEDS = "1000" } = process.env;
const seeds =
  FANJOIN_SEED === undefined
    ? Array.from({ length: Number(FANJOIN_SEEDS) }, (_, n) => n + 1)
    : [Number(FANJOIN_SEED)];

/** A thousand seeds take half a minute where nothing else runs. */
const PATIENCE_MS = 300_000;

/** In so many seeds everything happens that may. */
const ENOUGH = 1000;

test(
  "with any deaths, duplicates and reordering, a batch and its redrive have the sequential result of their settled chunks",
  async () => {
    expect.hasAssertions();
    const happened: Record<string, number> = { ...NOTHING_HAPPENED };
    const seen = new Set<Sometimes>();
    for (const seed of seeds) {
      try {
        const simulated = await simulate(seed);
        check(simulated);
        for (const [what, often] of Object.entries(simulated.happened))
          happened[what] = (happened[what] ?? 0) + often;
        checkRedriven(simulated, await simulated.redrive());
        for (const what of whatHappened(simulated.one)) seen.add(what);
      } catch (error) {
        throw new Error(`seed ${seed} fails; FANJOIN_SEED=${seed} reproduces it`, { cause: error });
      }
    }
    const due = seeds.length < ENOUGH ? [] : SOMETIMES;
    expect(due.filter((what) => !seen.has(what))).toEqual([]);
    const never = Object.keys(happened).filter((what) => happened[what] === 0);
    expect(seeds.length < ENOUGH ? [] : never).toEqual([]);
  },
  PATIENCE_MS,
);
