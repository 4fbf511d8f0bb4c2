/** Items that are written in the job. They are stored as JSON lines when the batch is submitted. */
import { FanjoinError } from "../core/errors/errors.ts";
import { AS_TEXT, jsonProblem } from "../core/json/strict-json.ts";
import type { Reader } from "./reader.ts";

/** The elements of an array, in order. They travel as JSON. */
export function items<Item>(array: readonly Item[]): Reader<Item> {
  if (!Array.isArray(array)) {
    throw new FanjoinError(
      "JOB_INVALID",
      `items() takes an array, it was given ${typeof array}: for values that are made on the fly, use from().`,
    );
  }
  const problem = jsonProblem(array, AS_TEXT);
  if (problem) {
    throw new FanjoinError(
      "JOB_INVALID",
      `items()${problem.path} is ${problem.found}, and items travel as JSON, which cannot hold it.`,
    );
  }
  return { kind: "items", options: {}, own: { items: array } };
}
