/** The rooms that can be mutated: their sources, the tests that run against each mutant, the least score. */
export interface Room {
  readonly sources: string;
  /** Patterns of test files: the fast ones that are about this room. */
  readonly tests: readonly string[];
  /** Per cent of the mutants that the tests have to notice. */
  readonly least: number;
}

export const ROOMS: Readonly<Record<string, Room>> = {
  core: {
    sources: "src/core/**/*.ts",
    // The explorer takes half a minute for each survivor; the walks go through the same protocol.
    tests: ["test/core/*.test.ts", "test/core/!(checker)/**/*.test.ts", "test/core/checker/walk.test.ts"],
    least: 90,
  },
  batch: { sources: "src/batch/**/*.ts", tests: ["test/batch/**/*.test.ts"], least: 80 },
  runner: {
    sources: "src/runner/**/*.ts",
    // The steps' tests run the real runner: attempts at whole chunks, careful ones, redrives.
    tests: ["test/runner/**/*.test.ts", "test/steps/*.test.ts", "test/steps/@(batches|redriving)/*.test.ts"],
    least: 80,
  },
  steps: {
    sources: "src/steps/**/*.ts",
    // The functions' tests are those of the steps on a platform with a time limit. The property tests are
    // left out: they take longer than all others together.
    tests: [
      "test/steps/*.test.ts",
      "test/steps/*/!(*.property).test.ts",
      "test/functions/*.test.ts",
      "test/functions/@(running|stack)/*.test.ts",
    ],
    least: 80,
  },
  "local/engine": {
    sources: "src/local/engine/**/*.ts",
    tests: ["test/local/engine/**/*.test.ts"],
    least: 80,
  },
  "local/store": {
    sources: "src/local/store/**/*.ts",
    tests: ["test/local/store/**/*.test.ts", "test/contract/store.test.ts"],
    least: 80,
  },
  aws: { sources: "src/aws/**/*.ts", tests: ["test/aws/**/*.test.ts"], least: 80 },
};
