import { defineConfig } from "vitest/config";
import { TESTS_VARIABLE } from "./environment.ts";

/** The tests of one room, for `npm run mutate`, which names them. */
export default defineConfig({
  test: {
    include: process.env[TESTS_VARIABLE]?.split(",") ?? [],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
