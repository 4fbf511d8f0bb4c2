/** Outputs by key while they are in input order: a line for each, with its key before it. */
import type { KeyedOutputs } from "../../joins/keyed-outputs.ts";

const SEPARATOR = "\t";

/** JSON has no tab outside of its texts, and within them it is escaped. */
export function keyedLine(outputs: KeyedOutputs, value: unknown, json: string): string {
  return `${JSON.stringify(outputs.keyOf(value))}${SEPARATOR}${outputs.lineOf(json)}\n`;
}

export interface KeyedLine {
  readonly key: string;
  readonly line: string;
}

/** `text`: without its line end. */
export function parseKeyedLine(text: string): KeyedLine {
  const at = text.indexOf(SEPARATOR);
  if (at < 0) throw new Error("a line of outputs by key has no key");
  return { key: JSON.parse(text.slice(0, at)) as string, line: text.slice(at + 1) };
}
