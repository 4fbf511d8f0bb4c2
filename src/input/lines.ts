/** Text, line by line. */
import { lineKind } from "./line-reader.ts";
import type { Reader } from "./reader.ts";

/** Every line is an item, blank ones included, without its line end (`\n` or `\r\n`). */
export function lines(): Reader<string> {
  return { kind: "lines", options: {} };
}

export const linesKind = lineKind({ blankIsItem: true, parse: (texts) => texts });
