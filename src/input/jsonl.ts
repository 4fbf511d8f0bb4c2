/** JSON lines: one value per line. */
import { group } from "../option-check.ts";
import { reasonOf } from "../core/errors.ts";
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
      problems.set(index, unreadable(`is not JSON (${reason}): ${excerpt(line)}`));
      return undefined;
    }
  });
}

export const jsonlKind = lineKind({ blankIsItem: false, parse: parseLines });
