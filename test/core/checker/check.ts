/** What an invariant is written with. */
import type { Totals } from "../../../src/core/records/totals.ts";

/** An invariant does not hold. */
export class Wrong extends Error {}

export function check(holds: boolean, otherwise: () => string): void {
  if (!holds) throw new Wrong(otherwise());
}

/** The counts that are compared. */
export const COUNTED = [
  "chunks",
  "lost",
  "broken",
  "succeeded",
  "failed",
  "units",
] as const satisfies (keyof Totals)[];
