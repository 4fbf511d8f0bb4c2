import { callable } from "./callable.ts";
import type { CallableJoin } from "./callable.ts";

/** How many items succeeded. */
export function count(): CallableJoin<unknown, number> {
  return counting(false);
}

/**
 * Keeps every value: what `process` returned is written, in input order and of any size, to the batch's
 * `outputs.jsonl`. The joined value itself is only how many there are. A value has to be writable as JSON.
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
