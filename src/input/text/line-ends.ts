/** Text whose lines end with carriage returns alone: Excel's "Macintosh" formats write it. */
import type { Unreadable } from "../reader.ts";
import { excerpt, unreadable } from "./unreadable.ts";

/** With fewer of them, a line may have one as data. */
const MANY = 2;

/** How to convert such a file. */
export const CONVERT_RETURNS = "tr '\\r' '\\n' < OLD > NEW";
export const RETURNS_HINT = `its lines end with carriage returns alone: convert them, e.g. with ${CONVERT_RETURNS}`;

/** Whether this text without a newline seems to be several lines. */
export function returnsEndLines(text: string): boolean {
  if (!text.includes("\r") || text.includes("\n")) return false;
  return text.split("\r").length - (text.endsWith("\r") ? 2 : 1) >= MANY;
}

/** For a source that is one record: it may be many lines to its writer. */
export function unreadableReturns(text: string): Unreadable | null {
  return returnsEndLines(text) ? unreadable(`has several lines (${RETURNS_HINT}): ${excerpt(text)}`) : null;
}
