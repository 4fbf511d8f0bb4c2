import { defineConfig } from "vitest/config";

/**
 * The suites that need a LocalStack, and the stack deployed to it: `npm run test:localstack` brings both up.
 */
export default defineConfig({
  test: {
    include: ["test/**/*.localstack.test.ts"],
    // Refuses anything but a LocalStack on this machine, before any test has a client.
    setupFiles: ["./test/localstack/setup.ts"],
    // Batches wait for visibility timeouts, on a machine that also runs LocalStack and all functions.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    maxConcurrency: 5,
    maxWorkers: 1,
    reporters: ["default", "./test/reporter.ts"],
  },
});
