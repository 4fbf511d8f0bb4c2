/** Decides about each value for the joins that count or ask. */
import { FanjoinError } from "../core/errors/errors.ts";
import { keysText, valueText } from "./selector.ts";

/** Whether a value is meant. Text such as "false" is true to JavaScript, so only booleans are accepted. */
export type Predicate<Value> = (value: Value) => boolean;

/** Without a predicate the values themselves have to be booleans. */
export function truthOf<Value>(
  join: string,
  predicate: Predicate<Value> | undefined,
): (value: Value) => boolean {
  if (predicate === undefined) return (value) => boolean(join, value);
  return (value) => boolean(join, predicate(value), value);
}

function boolean(join: string, value: unknown, from?: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new FanjoinError(
    "JOIN_FAILED",
    `${join}() takes true or false, but was given ${valueText(value)}${keysText(value, from)}. Compare in the predicate: ${join}(row => row.state === "open").`,
  );
}
