import { expect, test } from "vitest";
import { HEDGED, SPLIT } from "../../../../src/core/history/history.ts";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import type { Totals } from "../../../../src/core/records/totals.ts";
import { BatchRecorder } from "../../../../src/local/engine/history/batch-recorder.ts";

const COMMON = { batch: "01A", generation: 0, attempt: 1, source: 0, start: 0, end: 1 };
const TOTALS = { ...NO_TOTALS, chunks: 1, succeeded: 1, units: 1 };

test("hedges and parts are counted, and their marks say what they are", () => {
  const recorder = new BatchRecorder({ start: 0, allowed: () => 2, overlaps: false });
  const first: ChunkMessage = { kind: "chunk", chunk: 1, ...COMMON };
  const hedge: ChunkMessage = { kind: "hedge", chunk: 2, ...COMMON };
  const part: ChunkMessage = { kind: "part", chunk: 3, part: 0, ...COMMON };
  const bundle = recorder.begin([first, hedge, part], 0);
  bundle.lane = "thread 1";
  const done = [
    { child: 1, totals: TOTALS },
    { child: 2, totals: TOTALS },
    { child: 3, part: 0, totals: TOTALS },
  ];
  recorder.settle(bundle, { body: null, done }, 10);
  const { counts, timeline } = recorder.history(10);
  expect(counts.hedged).toBe(1);
  const marks = timeline?.marks ?? [];
  expect(marks.map(([, , , , chunk, , , , flags]) => [chunk, flags])).toEqual([
    [1, 0],
    [2, HEDGED],
    [3, SPLIT],
  ]);
});

test("chunks that were settled before the end and counted after it are in the history", () => {
  const settled = { ...TOTALS, chunks: 3, succeeded: 5, failed: 1, units: 6 };
  const all = { ...TOTALS, chunks: 4, succeeded: 7, failed: 2, units: 9 };
  const ended = (totals: Totals | null, earlier: boolean): readonly unknown[] => {
    const recorder = new BatchRecorder({ start: 0, allowed: () => 2, overlaps: false });
    if (earlier) recorder.restore(recorder.history(0));
    recorder.count(settled, 10);
    recorder.close(20, totals);
    const { counts, points } = recorder.history(90);
    return [counts.settled, points.done.reduce((sum, items) => sum + items, 0)];
  };
  expect(ended(all, false)).toEqual([4, 9]);
  expect(ended(settled, false)).toEqual([3, 6]);
  expect(ended(null, false)).toEqual([3, 6]);
  // An earlier process may have counted what this one does not know.
  expect(ended(all, true)).toEqual([3, 6]);
});
