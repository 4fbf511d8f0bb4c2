/** A recorder of a batch of the test's own, and what it has seen. */
import type { ExactTimeline, Mark } from "../../../../src/core/history/history.ts";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import type { Totals } from "../../../../src/core/records/totals.ts";
import { BatchRecorder } from "../../../../src/local/engine/history/batch-recorder.ts";
import type { RecorderOptions } from "../../../../src/local/engine/history/batch-recorder.ts";
import type { RunningBundle } from "../../../../src/local/engine/history/running-bundle.ts";

/** When the batch began. */
export const START = 1000;

export function recording(options: Partial<RecorderOptions> = {}): BatchRecorder {
  return new BatchRecorder({ start: START, allowed: () => 2, overlaps: false, ...options });
}

const RANGE = { batch: "01A", generation: 0, attempt: 1, source: 0, start: 0 };

/** Chunk n, of so many units. */
export function chunk(n: number, units = 1): ChunkMessage {
  return { kind: "chunk", chunk: n, ...RANGE, end: units };
}

export function part(n: number, number: number): ChunkMessage {
  return { ...RANGE, kind: "part", chunk: n, part: number, end: 1 };
}

export function hedge(n: number): ChunkMessage {
  return { ...RANGE, kind: "hedge", chunk: n, end: 1 };
}

/** The totals of a chunk whose one item succeeded, but for `more`. */
export function totals(more: Partial<Totals> = {}): Totals {
  return { ...NO_TOTALS, chunks: 1, succeeded: 1, units: 1, ...more };
}

/** A bundle that runs in this thread; `null`: in no thread of the pool. */
export function begun(
  recorder: BatchRecorder,
  chunks: readonly ChunkMessage[],
  { at = START, lane = "thread 1" }: { at?: number; lane?: string | null } = {},
): RunningBundle {
  const bundle = recorder.begin(chunks, at);
  bundle.lane = lane;
  return bundle;
}

export function timelineOf(recorder: BatchRecorder, now = START): ExactTimeline {
  const { timeline } = recorder.history(now);
  if (timeline?.form !== "exact") throw new Error("the history has no marks of its own");
  return timeline;
}

export const marksOf = (recorder: BatchRecorder, now = START): readonly Mark[] =>
  timelineOf(recorder, now).marks;
