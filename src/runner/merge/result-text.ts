/** The text of `result.json`. */
import { AS_TEXT, jsonProblem, problemText } from "../../core/json/strict-json.ts";

/** A larger result is for programs: it is written on one line. */
const MAX_INDENTED_CHARS = 64 * 1024;

/** What `finish` returned, as JSON text. Throws `TypeError`, naming the place, where JSON would change it. */
export function resultText(value: unknown): string {
  const problem = jsonProblem(value, AS_TEXT);
  if (problem) throw new TypeError(problemText("finish returned", problem));
  const text = JSON.stringify(value);
  return indentedLength(text) > MAX_INDENTED_CHARS ? text : JSON.stringify(value, null, 2);
}

/**
 * How long `text`, which is compact JSON, gets with an indentation of two, or any number above the limit. It
 * is worked out first, because deep nesting makes short text very long.
 */
function indentedLength(text: string): number {
  let length = text.length;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length && length <= MAX_INDENTED_CHARS; at++) {
    const char = text[at];
    if (char === '"') quoted = !quoted;
    else if (quoted) at += char === "\\" ? 1 : 0;
    else if (text.startsWith("[]", at) || text.startsWith("{}", at)) at++;
    else if (char === "[" || char === "{") length += 1 + 2 * ++depth;
    else if (char === "]" || char === "}") length += 1 + 2 * --depth;
    else if (char === ",") length += 1 + 2 * depth;
    else if (char === ":") length++;
  }
  return length;
}
