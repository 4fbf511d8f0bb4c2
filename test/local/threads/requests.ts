/** Requests for threads of a test: chunks of one item each. */
import type { BatchSpec } from "../../../src/batch/spec.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";

export const SPEC: BatchSpec = {
  batch: "01A",
  job: "numbers",
  input: { reader: "range", options: {}, sources: [{ name: "", label: "range", size: 100, version: "" }] },
  params: null,
  chunk: { items: null, bytes: null },
  tolerate: { count: null, percent: null },
  createdAt: 0,
  deadlineAt: Number.MAX_SAFE_INTEGER,
  jobFile: null,
};

export function chunk(number: number): ChunkMessage {
  return {
    kind: "chunk",
    batch: "01A",
    generation: 0,
    chunk: number,
    attempt: 1,
    source: 0,
    start: number,
    end: number + 1,
  };
}
