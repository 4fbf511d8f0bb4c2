/**
 * A checker of Stryker's that lets only a sample of the mutants through. Ranges of lines cannot do that: a
 * range around a block holds all mutants within the block too.
 */
import { CheckStatus } from "@stryker-mutator/api/check";
import type { Checker } from "@stryker-mutator/api/check";
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { SEED_VARIABLE, SIZE_VARIABLE } from "./environment.ts";
import { sample } from "./sample.ts";

export const SAMPLE_CHECKER = "sample";

const checker: Checker = {
  init: async () => {},
  // One group of all mutants: a sample needs to see them together.
  group: async (mutants) => [mutants.map(({ id }) => id)],
  async check(mutants) {
    const size = Number(process.env[SIZE_VARIABLE]);
    const ids = mutants.map(({ id }) => id);
    const sampled = new Set(sample(ids, size, Number(process.env[SEED_VARIABLE])));
    return Object.fromEntries(
      ids.map((id) => [
        id,
        sampled.has(id)
          ? { status: CheckStatus.Passed }
          : { status: CheckStatus.CompileError, reason: "not in the sample" },
      ]),
    );
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Checker, SAMPLE_CHECKER, checker)];
