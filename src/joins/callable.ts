/** The ready-made joins are functions too: a join that is called with values folds them in order. */
import type { Join } from "./join.ts";

/**
 * A join that can be tried out: `sum()([1, 2, 3])` is `6`, which is exactly the result of a batch over these
 * values.
 *
 * The call signature also helps TypeScript. It defers generic calls that return functions, and no others. So
 * it knows the job's item type before it checks the selector of a nested `groupBy(row => …)` (see `Joinable`
 * in `../job/job.ts`).
 */
export interface CallableJoin<Value, Result> extends Join<Value, Result> {
  (values: Iterable<Value>): Result;
}

/** Makes a join callable. */
export function callable<Value, Result, Acc, Prepared>(
  join: Join<Value, Result, Acc, Prepared>,
): CallableJoin<Value, Result> {
  return callableWith(join, {});
}

/** Makes a join callable, with methods. */
export function callableWith<Value, Result, Acc, Prepared, Methods extends object>(
  join: Join<Value, Result, Acc, Prepared>,
  methods: Methods,
): CallableJoin<Value, Result> & Methods {
  function foldAll(values: Iterable<Value>): Result {
    let acc = join.init();
    let key = 0;
    for (const value of values) acc = join.add(acc, join.prepare(value), { source: 0, key: key++ });
    return join.finish(acc);
  }
  return Object.freeze(Object.assign(foldAll, join, methods));
}
