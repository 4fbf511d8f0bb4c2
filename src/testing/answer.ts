/** The answer of a batch: all that a user sees of it. */
import { isDeepStrictEqual } from "node:util";
import { lastingFailure } from "../core/failures/failed-line.ts";
import type { FailedLine } from "../core/failures/failed-line.ts";
import type { Json } from "../core/json/json.ts";
import type { Failure } from "../core/records/batch/batch.ts";

/** Plain JSON, because threads send it. */
export interface BatchAnswer {
  /** `null`: there is none. */
  readonly result: Json;
  readonly outputs: readonly Json[];
  readonly failed: readonly FailedLine[];
  readonly items: ItemCounts;
  /** Why the batch failed. */
  readonly error: Failure | null;
}

/** How many items there were, and what came of them. */
export interface ItemCounts {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** Everything that has to be the same however the input is cut. */
export function comparable({ failed, ...answer }: BatchAnswer): object {
  return { ...answer, failed: failed.map(lastingFailure) };
}

/** Keys of objects may be in another order: JSON gives that no meaning. */
export function isSame(one: BatchAnswer, other: BatchAnswer): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other));
}
