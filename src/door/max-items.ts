import { usage } from "../core/errors/errors.ts";

/** Checks the option of a submission. Throws `USAGE`. */
export function checkMaxItems(maxItems: number | undefined): void {
  if (maxItems === undefined || (Number.isSafeInteger(maxItems) && maxItems >= 1)) return;
  throw usage(`maxItems has to be a whole number of at least 1, but is ${String(maxItems)}`);
}
