/**
 * The long form of the CSV property tests, for changes of the parser:
 *
 *     CSV_ROWS=2000000 npx vitest run test/input/csv
 *
 * Each property then runs until its files had so many rows. `npm test` runs a fixed number of files.
 */
import * as fc from "fast-check";

const WANTED_ROWS = Number(process.env["CSV_ROWS"] ?? 0);
const LONG_MS = 6 * 60 * 60 * 1000;

/** The options of a test that has a long form. */
export const LONG_FORM = WANTED_ROWS > 0 ? { timeout: LONG_MS } : {};

let rows = 0;

/** To be called by a property for the rows that it has compared. */
export function countRows(count: number): void {
  rows += count;
}

/** Checks a property with `runs` files, in the long form as often as it takes. */
export async function assertRows<Arguments extends [unknown, ...unknown[]]>(
  runs: number,
  property: fc.IAsyncPropertyWithHooks<Arguments>,
): Promise<void> {
  rows = 0;
  for (;;) {
    await fc.assert(property, { numRuns: runs });
    if (rows >= WANTED_ROWS) break;
  }
  if (WANTED_ROWS > 0) console.log(`${rows} rows compared`);
}
