import { availableParallelism } from "node:os";
import { usage } from "../core/errors/errors.ts";
import { show } from "../option-check.ts";
import type { OpenOptions } from "./open.ts";

/** How many threads run chunks. Throws `USAGE`, which names the function that was called. */
export function threadsOf(
  { threads = availableParallelism() }: Pick<OpenOptions, "threads">,
  called: string,
): number {
  if (Number.isSafeInteger(threads) && threads >= 1) return threads;
  throw usage(`threads of ${called} has to be a whole number of at least 1, but is ${show(threads)}`);
}
