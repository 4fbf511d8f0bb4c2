/** Values that a join keeps as they are: as JSON text, so that nothing can change them later. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { AS_TEXT, jsonProblem, problemText } from "../../core/json/strict-json.ts";

/** Throws `ITEM_NOT_JSON`. Every value is checked, whether or not it is kept: that depends on the cut. */
export function checkKept(join: string, value: unknown): void {
  const problem = jsonProblem(value, AS_TEXT);
  if (problem === null) return;
  throw new FanjoinError(
    "ITEM_NOT_JSON",
    `${problemText(`${join}() keeps values as JSON, but was given`, problem)}: keep other values, or null in its place.`,
  );
}
