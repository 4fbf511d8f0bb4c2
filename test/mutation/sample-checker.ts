/**
 * A checker of Stryker's that lets only a sample of the mutants through, or those of earlier reports. Ranges
 * of lines cannot do that: a range around a block holds all mutants within the block too.
 */
import { relative } from "node:path";
import { CheckStatus } from "@stryker-mutator/api/check";
import type { Checker } from "@stryker-mutator/api/check";
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";
import type { Mutant } from "@stryker-mutator/api/core";
import { AGAIN_VARIABLE, SEED_VARIABLE, SIZE_VARIABLE } from "./environment.ts";
import { mutantKey } from "./report.ts";
import { sample } from "./sample.ts";

export const SAMPLE_CHECKER = "sample";

const checker: Checker = {
  init: async () => {},
  // One group of all mutants: a sample needs to see them together.
  group: async (mutants) => [mutants.map(({ id }) => id)],
  async check(mutants) {
    const chosen = chosenOf(mutants);
    return Object.fromEntries(
      mutants.map(({ id }) => [
        id,
        chosen.has(id)
          ? { status: CheckStatus.Passed }
          : { status: CheckStatus.CompileError, reason: "not chosen" },
      ]),
    );
  },
};

/** The ids of the mutants that are to run. */
function chosenOf(mutants: readonly Mutant[]): ReadonlySet<string> {
  const { [AGAIN_VARIABLE]: again, [SIZE_VARIABLE]: size, [SEED_VARIABLE]: seed } = process.env;
  const keys = again === undefined ? null : new Set(JSON.parse(again) as string[]);
  const candidates = mutants.filter((mutant) => keys === null || keys.has(keyOf(mutant)));
  const ids = candidates.map(({ id }) => id);
  return new Set(size === undefined ? ids : sample(ids, Number(size), Number(seed)));
}

/** Before it ran, a mutant's lines and columns begin at 0. */
function keyOf({ fileName, location, replacement }: Mutant): string {
  const [start, end] = [location.start, location.end].map(({ line, column }) => ({
    line: line + 1,
    column: column + 1,
  })) as [Mutant["location"]["start"], Mutant["location"]["end"]];
  return mutantKey({ path: relative(process.cwd(), fileName), location: { start, end }, replacement });
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Checker, SAMPLE_CHECKER, checker)];
