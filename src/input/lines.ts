/** Text, line by line. */
import { lineKind } from "./line-reader.ts";
import { type TextOptions, textOptions } from "./text-options.ts";
import type { Reader } from "./reader.ts";

/** Every line is an item, blank ones included, without its line end (`\n` or `\r\n`). */
export function lines(options: TextOptions = {}): Reader<string> {
  return { kind: "lines", options: textOptions(options) };
}

export const linesKind = lineKind({ blankIsItem: true, parse: (texts) => texts });
