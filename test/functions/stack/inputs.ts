/** Inputs of batches that need no file. */
import type { BatchSpec } from "../../../src/batch/spec.ts";

/** The input of `countingJob(to)`. */
export function integers(to: number): BatchSpec["input"] {
  return {
    reader: "range",
    options: { from: 0, to },
    sources: [{ name: "", label: "range", size: to, version: "" }],
  };
}

/** The input of a job that generates its items. */
export const GENERATED: BatchSpec["input"] = {
  reader: "from",
  options: {},
  sources: [{ name: "", label: "generator", size: 0, version: "" }],
};
