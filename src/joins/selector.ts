/** Selects the number of each value for the numeric joins, and refuses values without one. */
import { FanjoinError, namesText } from "../core/errors/errors.ts";
import { isObject } from "../core/json/json.ts";

/** This many keys of a value are listed. */
const MAX_KEYS = 10;

/**
 * Selects a number. Anything that is not a finite number is refused, `null` and `undefined` too: return
 * another number for it, or leave such items out.
 */
export type Selector<Value> = (value: Value) => number;

/**
 * A `prepare` that accepts finite numbers only. It turns -0 into 0, because partials are JSON, which has no
 * -0.
 */
export function numberOf<Value>(
  join: string,
  selector: Selector<Value> | undefined,
): (value: Value) => number {
  if (selector === undefined) return (value) => finite(join, value);
  return (value) => finite(join, selector(value), value);
}

/** Unlike `z.coerce.number()` alone and `Number(…)`, it refuses the empty string, which they read as 0. */
const CELL_NUMBER = "z.string().trim().min(1).pipe(z.coerce.number())";

/** `from`: the value that it was selected from. */
function finite(join: string, value: unknown, from?: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value + 0;
  throw new FanjoinError(
    "JOIN_FAILED",
    `${join}() takes finite numbers only, but was given ${valueText(value)}${keysText(value, from)}. ${advice(join, value)}`,
  );
}

function advice(join: string, value: unknown): string {
  if (typeof value === "string")
    return `Convert it in the job's \`item\` schema (${CELL_NUMBER}) or in \`process\`.`;
  if (typeof value === "bigint")
    return "Convert it with Number(…) in `process`, or fold it with a fold() of your own.";
  if (typeof value === "object" && value !== null)
    return `Select one of its numbers: ${join}(row => row.amount).`;
  return "Give it a number for every item, or leave such items out with a fold() of your own.";
}

/** The keys of the value from which nothing was selected: it may lack the key that was meant. */
export function keysText(selected: unknown, from: unknown): string {
  if (selected !== undefined || !isObject(from)) return "";
  return ` from a value with the keys ${namesText(Object.keys(from), MAX_KEYS)}`;
}

/** A value in an error message: short, with its type where the type matters. */
export function valueText(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string") return `the string ${JSON.stringify(shortened(value))}`;
  if (typeof value === "bigint") return `the bigint ${value}n`;
  if (typeof value === "object") return "an object";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
