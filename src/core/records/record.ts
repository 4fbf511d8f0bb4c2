/**
 * The ledger's one operation: a conditional update of one record, described as data.
 *
 * Everything that has to be true of a batch is decided by such updates. They are made by pure functions
 * (`tree.ts`, `plan.ts`, `batch.ts`), and `applyUpdate` is what they mean: the embedded ledger runs it, the
 * AWS ledger translates it to one DynamoDB `UpdateItem`, and the contract suite holds every ledger to it.
 */
import type { Json } from "../json.ts";

/** A ledger record: top-level attributes by name. */
export type Fields = { readonly [name: string]: Json };

/**
 * What must hold of a record for an update to apply. An attribute of a record that does not exist is absent.
 */
export type Condition =
  | { readonly is: "absent"; readonly field: string }
  | { readonly is: "present"; readonly field: string }
  | { readonly is: "equal"; readonly field: string; readonly value: string | number | boolean }
  /** `field` is absent, or a number above `value`. */
  | { readonly is: "absent-or-above"; readonly field: string; readonly value: number }
  /** The record itself does not exist. */
  | { readonly is: "new" }
  /** The record exists. */
  | { readonly is: "existing" };

/**
 * One conditional update of one record: if all of `when` holds, `remove` attributes, `set` others, `add` to
 * numeric ones (absent counts as 0).
 */
export interface Update {
  readonly key: string;
  readonly when: readonly Condition[];
  readonly set: Fields;
  readonly add: { readonly [field: string]: number };
  /** None of these is set or added to by the same update. */
  readonly remove?: readonly string[];
}

/**
 * The answer to an update: the record after it, or the record that refused it (`null`: it does not exist).
 */
export type Updated =
  | { readonly applied: true; readonly record: Fields }
  | { readonly applied: false; readonly record: Fields | null };

function holds(condition: Condition, old: Fields | null): boolean {
  switch (condition.is) {
    case "new":
      return old === null;
    case "existing":
      return old !== null;
    case "absent":
      return old?.[condition.field] === undefined;
    case "present":
      return old?.[condition.field] !== undefined;
    case "equal":
      return old?.[condition.field] === condition.value;
    case "absent-or-above": {
      const value = old?.[condition.field];
      return value === undefined || (typeof value === "number" && value > condition.value);
    }
  }
}

/** What an update means: pure, and the oracle that every ledger is compared with. */
export function applyUpdate(old: Fields | null, update: Update): Updated {
  for (const condition of update.when) {
    if (!holds(condition, old)) return { applied: false, record: old };
  }
  const record: { [name: string]: Json } = { ...old, ...update.set };
  for (const field in update.add) {
    const value = record[field] ?? 0;
    record[field] = (typeof value === "number" ? value : 0) + (update.add[field] ?? 0);
  }
  for (const field of update.remove ?? []) delete record[field];
  return { applied: true, record };
}

/** A create-only record: applied once, refused ever after. */
export function create(key: string, set: Fields): Update {
  return { key, when: [{ is: "new" }], set, add: {} };
}
