import { defineConfig } from "vitest/config";
import { CheapestFirst } from "./cheapest-first.ts";
import { TESTS_VARIABLE } from "./environment.ts";

/** The tests of one room, for `npm run mutate`, which names them. */
export default defineConfig({
  test: {
    include: process.env[TESTS_VARIABLE]?.split(",") ?? [],
    // One process for all test files of a mutant: starting one for each would take most of the time.
    isolate: false,
    sequence: { sequencer: CheapestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
