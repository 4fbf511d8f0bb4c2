import { FanjoinError } from "../../core/errors/errors.ts";

/** Throws `MERGE_FAILED` if a sum is beyond the largest double. */
export function withinRange(total: number): number {
  if (Number.isFinite(total)) return total;
  throw new FanjoinError(
    "MERGE_FAILED",
    "the sum is larger than the largest number (1.8e308): use a smaller unit",
  );
}
