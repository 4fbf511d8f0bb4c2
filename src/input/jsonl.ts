/** JSON lines: one value per line. */
import { group } from "../option-check.ts";
import { reasonOf } from "../core/errors/errors.ts";
import { RETURNS_HINT, returnsEndLines } from "./text/line-ends.ts";
import { lineKind } from "./text/line-reader.ts";
import { type TextOptions, TEXT_OPTIONS, textOptions } from "./text/text-options.ts";
import type { Reader, Unreadable } from "./reader.ts";
import { excerpt, unreadable } from "./text/unreadable.ts";

/**
 * Every line is a JSON value; blank lines are skipped. Give the item type as type argument, or let the job's
 * `item` schema infer it.
 */
export function jsonl<Item = unknown>(options: TextOptions = {}): Reader<Item> {
  return { kind: "jsonl", options: textOptions(group(options, "jsonl()", TEXT_OPTIONS)) };
}

function parseLines(lines: readonly string[], problems: Map<number, Unreadable>): unknown[] {
  return lines.map((line, index): unknown => {
    try {
      return JSON.parse(line);
    } catch (error) {
      const reason = reasonOf(error);
      const hint = hintOf(line, reason);
      problems.set(index, unreadable(`is not JSON (${reason}${hint}): ${excerpt(line)}`));
      return undefined;
    }
  });
}

/** A line of a document that is written over several lines: brackets alone, or a key that begins the line. */
const PART_OF_DOCUMENT = /^\s*(?:[[\]{}]+,?\s*$|"(?:[^"\\]|\\.)*"\s*:)/;
/** So much of a line is looked at. */
const LOOKED_AT = 1000;
const ONE_A_LINE = "jsonl() takes one whole value on each line, as jq -c . writes them";

/** A sentence for what is written in place of JSON lines; '' if nothing is known. */
function hintOf(line: string, reason: string): string {
  if (returnsEndLines(line)) return `; ${RETURNS_HINT}`;
  if (PART_OF_DOCUMENT.test(line.slice(0, LOOKED_AT)))
    return `; it seems to be a part of a document over several lines: ${ONE_A_LINE}, json() the array of one document`;
  const after = /after JSON at position (\d+)/.exec(reason);
  const rest = after === null ? "" : line.slice(Number(after[1]));
  if (/^,\s*$/.test(rest)) return `; it ends with a comma: ${ONE_A_LINE}`;
  return /^[[{"\d]/.test(rest) ? `; it has more than one value: ${ONE_A_LINE}` : "";
}

export const jsonlKind = lineKind({ blankIsItem: false, parse: parseLines });
