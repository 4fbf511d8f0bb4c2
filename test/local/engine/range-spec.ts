/** The spec of a batch of four numbers, whose job file nobody knows. */
import type { BatchSpec } from "../../../src/batch/spec.ts";

export const RANGE_SPEC: BatchSpec = {
  batch: "01A",
  job: "job",
  input: { reader: "range", options: {}, sources: [{ name: "", label: "range", size: 4, version: "" }] },
  params: null,
  chunk: { items: null, bytes: null },
  tolerate: { count: null, percent: null },
  createdAt: 0,
  deadlineAt: 1,
  jobFile: null,
};
