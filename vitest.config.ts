import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

// For all processes that tests start: sources are compiled once. Node says that coverage would be less exact.
if (!process.argv.includes("--coverage"))
  process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "node-compile-cache");

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // They have a configuration of their own, which brings LocalStack up.
    exclude: ["**/*.localstack.test.ts"],
    typecheck: {
      enabled: true,
      include: ["test/**/*.test-d.ts"],
      tsconfig: "./tsconfig.json",
      ignoreSourceErrors: true,
    },
    // One less than there are cores is the default: half of a machine with two, and many tests wait for
    // processes.
    maxWorkers: "100%",
    // A process and its modules for each file took two fifths of the time of those that start nothing.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "./test/reporter.ts"],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html"],
      thresholds: { "src/core/**": { lines: 100 } },
    },
  },
});
