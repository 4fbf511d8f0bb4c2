/** The ready-made joins are functions too: called with values, a join folds them in order. */
import type { Join } from "./join.ts";

/**
 * A join that can be tried out: `sum()([1, 2, 3])` is `6`, exactly what a batch over these values gives.
 *
 * The call signature also lets TypeScript wait for the job's item type before it looks at the selectors of a
 * nested `groupBy(row => …)`: it puts off generic calls that return functions, and only those (see `Joinable`
 * in `../job.ts`).
 */
export interface CallableJoin<Value, Result> extends Join<Value, Result> {
  (values: Iterable<Value>): Result;
}

export function callable<Value, Result, Acc, Prepared>(
  join: Join<Value, Result, Acc, Prepared>,
): CallableJoin<Value, Result> {
  function foldAll(values: Iterable<Value>): Result {
    let acc = join.init();
    for (const value of values) acc = join.add(acc, join.prepare(value));
    return join.finish(acc);
  }
  return Object.freeze(Object.assign(foldAll, join));
}
