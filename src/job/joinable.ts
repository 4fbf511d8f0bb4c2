/** What may stand for `join` in a job: a join, an object of joins, or a function of typed joins. */
import { FanjoinError, reasonOf } from "../core/errors/errors.ts";
import { isObject } from "../core/json/json.ts";
import { NativePromise } from "../core/native-promise.ts";
import type { Join } from "../joins/join.ts";
import { isJoin, toJoin } from "../joins/object-join.ts";
import type { JoinOrObject } from "../joins/object-join.ts";
import { JOIN_NAMES, isUncalledJoin, joinsOf } from "../joins/typed-joins.ts";
import type { Joins } from "../joins/typed-joins.ts";
import { invalid, show } from "../option-check.ts";

declare const neverGiven: unique symbol;

/** A join of values. */
type JoinOf<Value, Item, Result> = Join<NoInfer<Value>, Result> | HintOf<Item, Result>;

/**
 * No value has this type. It only gives a type to the `row` of `groupBy(row => …)`. At that point TypeScript
 * does not know the type that `process` returns, because it infers nested generic calls before the properties
 * beside them (microsoft/TypeScript#54184). It knows the type of the item, which is right if `process`
 * returns its item. If not, the join does not fit `Value`, and `join` is better a function of typed joins.
 *
 * It is not callable, as joins are: a contextual type with two different call signatures gives no type to the
 * `j` of such a function.
 */
type HintOf<Item, Result> = Join<NoInfer<Item>, Result> & { readonly [neverGiven]: true };

/** A function of the joins of a value: `(j) => j.groupBy((sale) => sale.country, { n: j.count() })`. */
export type JoinFunction<Value, Result> = (joins: Joins<Value>) => JoinOrObject<Value, Result>;

/** A join, an object of joins, or a function that returns either. */
export type Joinable<Value, Item, Result> =
  | JoinOf<Value, Item, Result>
  | { readonly [Name in keyof Result]: JoinOf<Value, Item, Result[Name]> }
  | JoinFunction<Value, Result>;

/** The join that was given, or that the given function returns. Throws `JOB_INVALID`. */
export function joinFrom<Value, Item, Result>(given: Joinable<Value, Item, Result>): Join<Value, Result> {
  // No value is a `HintOf`, so this is a join, an object of joins, or a function that returns one.
  const join = given as JoinOrObject<Value, Result> | JoinFunction<Value, Result>;
  return toJoin(isJoinFunction(join) ? called(join) : join, "join");
}

/** Joins are functions, too; and so is `count` that was meant to be `count()`. */
function isJoinFunction<Value, Result>(
  join: JoinOrObject<Value, Result> | JoinFunction<Value, Result>,
): join is JoinFunction<Value, Result> {
  return typeof join === "function" && !isJoin(join) && !isUncalledJoin(join);
}

function called<Value, Result>(join: JoinFunction<Value, Result>): JoinOrObject<Value, Result> {
  const returned = attempted(join);
  if (returned instanceof NativePromise)
    throw invalid("the function that was given for join returned a promise: it may not be async.");
  if (isJoin(returned) || isObject(returned)) return returned;
  const uncalled = typeof returned === "function" ? " Is the join called, as in j.count()?" : "";
  const lacks =
    returned === undefined
      ? " Does it lack a return? An object needs parentheses: join: (j) => ({ … })."
      : "";
  throw invalid(
    `join is not a join, nor a function that returns one: the function returned ${show(returned)}. Return j.count(), j.sum(…), … or an object of them.${uncalled}${lacks}`,
  );
}

function attempted<Value, Result>(join: JoinFunction<Value, Result>): JoinOrObject<Value, Result> {
  try {
    return join(joinsOf<Value>());
  } catch (thrown) {
    if (thrown instanceof FanjoinError) throw thrown;
    throw new FanjoinError(
      "JOB_INVALID",
      `the function that was given for join threw: ${reasonOf(thrown)}. Its argument has the joins ${JOIN_NAMES.join(", ")}.`,
      { cause: thrown },
    );
  }
}
