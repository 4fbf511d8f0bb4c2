import { callable } from "./callable.ts";
import type { CallableJoin } from "./callable.ts";

/** Counts the items that succeeded. */
export function count(): CallableJoin<unknown, number> {
  return counting(false);
}

/**
 * Keeps every value. The values that `process` returned are written to the batch's `outputs.jsonl`, in input
 * order; there may be any number of them. The result itself is only their number. JSON has to be able to hold
 * a value.
 */
export function collect(): CallableJoin<unknown, number> {
  return counting(true);
}

function counting(outputs: boolean): CallableJoin<unknown, number> {
  return callable({
    init: () => 0,
    prepare: () => null,
    add: (acc: number) => acc + 1,
    merge: (left, right) => left + right,
    finish: (acc) => acc,
    encode: (acc) => acc,
    decode: Number,
    outputs,
  });
}
