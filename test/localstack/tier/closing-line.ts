/** Finds the closing line of a test run, which `test/reporter.ts` prints. */

const CLOSING_LINE = /^\d+ passed, \d+ failed(, \d+ skipped)?$/;

/** The last closing line in `printed`. A run without one counts as failed. */
export function closingLineOf(printed: string, code: number | null): string {
  const line = printed
    .trimEnd()
    .split("\n")
    .findLast((text) => CLOSING_LINE.test(text));
  if (line === undefined) return "0 passed, 1 failed";
  return code === 0 ? line : line.replace(" 0 failed", " 1 failed");
}
