/** Checks of the names of columns. */
import { namesText } from "../../core/errors/errors.ts";
import { excerpt } from "../text/unreadable.ts";

/** How many names an error lists. */
const MAX_LISTED = 20;

/**
 * The problem with the names of columns, `null` if there is none. Names are keys of the items and must be
 * distinct.
 */
export function columnsProblem(columns: readonly string[]): string | null {
  const empty = columns.indexOf("");
  if (columns.length === 0) return "there are no columns";
  if (empty >= 0) return `column ${empty + 1} of ${columns.length} has no name`;
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) return `two columns are named ${JSON.stringify(twice)}`;
  const torn = columns.find(isTorn);
  if (torn !== undefined) return `a name has a carriage return in it: ${excerpt(torn)}`;
  // As a key of an object literal it would set the prototype, and the value would be lost.
  return columns.includes("__proto__") ? "a column cannot be named __proto__" : null;
}

/** Whether a name has a carriage return that ends no line: then the lines may end so. */
export function isTorn(name: string): boolean {
  return /\r(?!\n)/.test(name);
}

/** Which picked column does not exist, and which do; `null` if all do. */
export function pickProblem(pick: readonly string[], columns: readonly string[]): string | null {
  const known = new Set(columns);
  const missing = pick.filter((name) => !known.has(name));
  if (missing.length === 0) return null;
  const missed = missing.length === 1 ? "is no column" : "are no columns";
  return `there ${missed} ${listed(missing)}; the columns are ${listed(columns)}`;
}

/** Names of columns, for a message. */
export function listed(names: readonly string[]): string {
  return namesText(names, MAX_LISTED);
}
