/** Joins that users write. Their functions are checked, because a broken contract gives a wrong result. */
import type { Json } from "../core/json/json.ts";
import { AS_DATA, jsonProblem, problemText } from "../core/json/strict-json.ts";
import { callable } from "./callable.ts";
import type { CallableJoin } from "./callable.ts";
import { FoldError } from "../core/errors/fold-error.ts";

/** The functions of a fold that a user writes. */
export interface FoldSpec<Value, Acc> {
  /**
   * Makes a new accumulator. It has to be JSON data (no `undefined`, `NaN`, `Infinity`, dates or maps),
   * because it travels between machines.
   */
  init(): Acc;
  /**
   * Adds one value. It may change `acc` and return it. If it throws, the item fails, and the chunk is folded
   * again without it.
   */
  add(acc: Acc, value: Value): Acc;
  /**
   * Merges two neighbours: the items of `left` come before the items of `right` in the input. It has to be
   * associative, but need not be commutative; `merge(fold(a), fold(b))` has to equal `fold(a then b)`. It may
   * change `left` and return it.
   */
  merge(left: Acc, right: Acc): Acc;
}

/**
 * A join of your own. `finish` makes the result of the last accumulator; without it, that is the result. A
 * function that breaks its contract fails the batch with `MERGE_FAILED`: an `init` that returns a shared
 * object which `add` or `merge` changes, a function that returns nothing or a promise, an accumulator that is
 * not JSON.
 */
export function fold<Value, Acc>(
  spec: FoldSpec<Value, Acc> & { finish?: undefined },
): CallableJoin<Value, Acc>;
export function fold<Value, Acc, Result>(
  spec: FoldSpec<Value, Acc> & { finish(acc: Acc): Result },
): CallableJoin<Value, Result>;
export function fold<Value, Acc, Result>(
  spec: FoldSpec<Value, Acc> & { finish?: ((acc: Acc) => Result) | undefined },
): CallableJoin<Value, Acc | Result> {
  const guarded = guardedInit(() => spec.init());
  return callable<Value, Acc | Result, Acc, Value>({
    init: () => guarded.init(),
    prepare: (value) => value,
    add: (acc, value) => accumulator("add", spec.add(acc, value)),
    merge: (left, right) => accumulator("merge", spec.merge(left, right)),
    finish: (acc) => (spec.finish === undefined ? acc : spec.finish(acc)),
    encode(acc) {
      guarded.check();
      return json(acc);
    },
    decode: (encoded) => encoded as Acc,
    outputs: false,
  });
}

/** Returns `acc`, which `step` returned. Throws `FoldError` if it cannot be an accumulator. */
function accumulator<Acc>(step: "init" | "add" | "merge", acc: Acc): Acc {
  if (acc === undefined)
    throw new FoldError(`${step} of fold() returned undefined. It has to return the accumulator.`);
  if (typeof acc === "object" && acc !== null && "then" in acc && typeof acc.then === "function")
    throw new FoldError(
      `${step} of fold() returned a promise. It has to return the accumulator: await in \`process\` instead.`,
    );
  return acc;
}

/** The accumulator as JSON. Throws `FoldError` if JSON would change it. */
function json(acc: unknown): Json {
  const problem = jsonProblem(acc, AS_DATA);
  if (problem === null) return acc as Json;
  throw new FoldError(
    `${problemText("fold() made", problem)}: an accumulator travels as JSON. Use null for "none yet", an array or object for a Set or Map, a number or text for a Date.`,
    { notJson: true },
  );
}

/**
 * Calls `init`, and finds out if it returns the same object each time. If that object is then changed, items
 * are counted in more than one accumulator, and `check` throws `FoldError`. A shared object that never
 * changes does no harm.
 */
function guardedInit<Acc>(init: () => Acc): { init(): Acc; check(): void } {
  let probed = false;
  let shared: { readonly acc: Acc; readonly text: string | undefined } | null = null;

  function probe(acc: Acc): void {
    probed = true;
    if (typeof acc !== "object" || acc === null || init() !== acc) return;
    shared = { acc, text: JSON.stringify(acc) };
  }

  return {
    init() {
      const acc = accumulator("init", init());
      if (!probed) probe(acc);
      return acc;
    },
    check() {
      if (shared === null || JSON.stringify(shared.acc) === shared.text) return;
      throw new FoldError(
        "init of fold() returns the same object each time, and add or merge changes it. Make a new one each time: init: () => ({ … }).",
      );
    },
  };
}
