import type { Reporter, TestModule } from "vitest/node";

/**
 * The last line of a run. A type test counts like any other test. A file that could not be collected, or that
 * died, counts as at least one failure.
 */
function closingLine(modules: readonly TestModule[], unhandledErrors: number): string {
  let passed = 0;
  let failed = unhandledErrors;
  let skipped = 0;
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") passed += 1;
      else if (state === "skipped") skipped += 1;
      // A test that is still pending after the run: its file died before.
      else failedHere += 1;
    }
    failed += module.ok() ? failedHere : Math.max(1, failedHere);
  }
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Ends a run with one plain line. It waits for the exit, because other reporters still print summaries. */
export default class ClosingLine implements Reporter {
  #line = "0 passed, 1 failed";

  onInit(): void {
    process.once("exit", () => process.stdout.write(`${this.#line}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#line = closingLine(modules, unhandledErrors.length);
  }
}
