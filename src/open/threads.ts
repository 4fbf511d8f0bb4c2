import { availableParallelism } from "node:os";
import { usage } from "../core/errors.ts";
import { show } from "../option-check.ts";
import type { OpenOptions } from "./open.ts";

/** How many threads run chunks. Throws `USAGE`. */
export function threadsOf({ threads = availableParallelism() }: Pick<OpenOptions, "threads">): number {
  if (Number.isSafeInteger(threads) && threads >= 1) return threads;
  throw usage(`threads has to be a whole number of at least 1, but is ${show(threads)}`);
}
