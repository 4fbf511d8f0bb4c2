/** Text, line by line. */
import { group } from "../option-check.ts";
import { unreadableReturns } from "./text/line-ends.ts";
import { lineKind } from "./text/line-reader.ts";
import { type TextOptions, TEXT_OPTIONS, textOptions } from "./text/text-options.ts";
import type { Reader } from "./reader.ts";

/** Every line is an item, blank ones included, without its line end (`\n` or `\r\n`). */
export function lines(options: TextOptions = {}): Reader<string> {
  return { kind: "lines", options: textOptions(group(options, "lines()", TEXT_OPTIONS)) };
}

export const linesKind = lineKind({
  blankIsItem: true,
  parse: (texts) => texts,
  onlyLine: unreadableReturns,
});
