import type { Reporter, TestModule } from "vitest/node";

/**
 * A type test counts like any other; a file that could not be collected, or that died, counts as at least one
 * failure.
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
      // Still pending when the run is over: its file died before it.
      else failedHere += 1;
    }
    failed += module.ok() ? failedHere : Math.max(1, failedHere);
  }
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/**
 * Closes a run with one plain line. Other reporters still have their summaries to print, so it waits for the
 * exit.
 */
export default class ClosingLine implements Reporter {
  #line = "0 passed, 1 failed";

  onInit(): void {
    process.once("exit", () => process.stdout.write(`${this.#line}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#line = closingLine(modules, unhandledErrors.length);
  }
}
