/** The line that every run of tests ends with, as `test/reporter.ts` prints it. */

const CLOSING_LINE = /^\d+ passed, \d+ failed(, \d+ skipped)?$/;

/** The last one in what a run has printed; a run that does not say how it ended has failed. */
export function closingLineOf(printed: string, code: number | null): string {
  const line = printed
    .trimEnd()
    .split("\n")
    .findLast((one) => CLOSING_LINE.test(one));
  if (line === undefined) return "0 passed, 1 failed";
  return code === 0 ? line : line.replace(" 0 failed", " 1 failed");
}
