/** The JSON text of a part of a result. */
import { AS_TEXT, jsonProblem, problemText } from "../../core/json/strict-json.ts";

/** `undefined` for a property that JSON leaves out. Throws `TypeError` where JSON would change the value. */
export function textOf(value: unknown, path: () => string): string | undefined {
  if (value === undefined) return undefined;
  const problem = jsonProblem(value, AS_TEXT);
  if (problem === null) return JSON.stringify(value);
  throw new TypeError(
    problemText("finish returned", { path: `${path()}${problem.path}`, found: problem.found }),
  );
}
