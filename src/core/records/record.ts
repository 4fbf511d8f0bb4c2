/**
 * The ledger's only write: a conditional update of one record, described as data.
 *
 * Such updates decide everything that has to be true of a batch. Pure functions make them (`tree.ts`,
 * `plan.ts`, `batch.ts`), and `applyUpdate` defines their meaning. The embedded ledger runs `applyUpdate`
 * itself. The AWS ledger translates an update to one DynamoDB `UpdateItem`. The contract suite compares every
 * ledger with `applyUpdate`.
 */
import type { Json } from "../json/json.ts";

/** A record of the ledger: its fields by name. */
export type Fields = { readonly [name: string]: Json };

/** What must hold of a record for an update to apply. A record that does not exist has no fields. */
export type Condition =
  | { readonly is: "absent"; readonly field: string }
  | { readonly is: "present"; readonly field: string }
  | { readonly is: "equal"; readonly field: string; readonly value: string | number | boolean }
  /** `field` is absent, or a number above `value`. */
  | { readonly is: "absent-or-above"; readonly field: string; readonly value: number }
  /** `field` is a number up to `value`. */
  | { readonly is: "at-most"; readonly field: string; readonly value: number }
  /** The record itself does not exist. */
  | { readonly is: "new" }
  /** The record exists. */
  | { readonly is: "existing" };

/**
 * One conditional update of one record. If all of `when` holds, fields are set, numbers are added to fields
 * (an absent field counts as 0), and fields are removed.
 */
export interface Update {
  readonly key: string;
  readonly when: readonly Condition[];
  readonly set: Fields;
  readonly add: { readonly [field: string]: number };
  /** Must not name a field of `set` or `add`. */
  readonly remove?: readonly string[];
}

/**
 * The reply to an update: the record after it, or if it was refused the record as it is (`null`: none).
 */
export type Updated =
  | { readonly applied: true; readonly record: Fields }
  | { readonly applied: false; readonly record: Fields | null };

function holds(condition: Condition, current: Fields | null): boolean {
  switch (condition.is) {
    case "new":
      return current === null;
    case "existing":
      return current !== null;
    case "absent":
      return current?.[condition.field] === undefined;
    case "present":
      return current?.[condition.field] !== undefined;
    case "equal":
      return current?.[condition.field] === condition.value;
    case "absent-or-above": {
      const value = current?.[condition.field];
      return value === undefined || (typeof value === "number" && value > condition.value);
    }
    case "at-most": {
      const value = current?.[condition.field];
      return typeof value === "number" && value <= condition.value;
    }
  }
}

/** Applies an update to the current record: the definition that every ledger is compared with. */
export function applyUpdate(current: Fields | null, update: Update): Updated {
  for (const condition of update.when) {
    if (!holds(condition, current)) return { applied: false, record: current };
  }
  const record: { [name: string]: Json } = {};
  if (current !== null) setFields(record, current);
  setFields(record, update.set);
  for (const field in update.add) {
    const value = record[field] ?? 0;
    record[field] = (typeof value === "number" ? value : 0) + (update.add[field] ?? 0);
  }
  for (const field of update.remove ?? []) delete record[field];
  return { applied: true, record };
}

/** What spreads would do, in a third of their time: a node has a hundred fields. */
function setFields(record: { [name: string]: Json }, set: Fields): void {
  for (const field of Object.keys(set)) {
    const value = set[field];
    // A stored record may have any name, and to assign this one would give it fields that nobody checked.
    if (value !== undefined && field !== "__proto__") record[field] = value;
  }
}

/** Creates a record. Refused if the record exists. */
export function create(key: string, set: Fields): Update {
  return { key, when: [{ is: "new" }], set, add: {} };
}
