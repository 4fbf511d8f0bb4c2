/** Applies differences of the server to a snapshot. Pure: parts that did not change stay the same objects. */
import { keyOfMark } from "../../core/history/history.ts";
import type { BatchChange, BatchSnapshot } from "../../api/live/snapshot.ts";
import type { BatchHistory, Cell, HistoryPoints, Mark, Timeline } from "../../core/history/history.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { HistoryChange, TimelineChange } from "../../core/history/difference.ts";

export function applyChange(snapshot: BatchSnapshot, change: BatchChange): BatchSnapshot {
  return {
    at: change.at,
    summary: change.summary ? changedSummary(snapshot.summary, change.summary) : snapshot.summary,
    failures: change.failures ?? snapshot.failures,
    history: changedHistory(snapshot.history, change.history),
  };
}

function changedSummary(
  summary: BatchSummary,
  { set, unset = [] }: NonNullable<BatchChange["summary"]>,
): BatchSummary {
  const kept = Object.entries(summary).filter(([name]) => !(unset as readonly string[]).includes(name));
  return { ...(Object.fromEntries(kept) as unknown as BatchSummary), ...set };
}

function changedHistory(
  history: BatchHistory | null,
  change: HistoryChange | undefined,
): BatchHistory | null {
  if (!change) return history;
  if (change.whole) return change.whole;
  if (!history) return null;
  const { points, timeline, whole: _whole, ...values } = change;
  return {
    ...history,
    ...values,
    points: points ? changedPoints(history.points, points) : history.points,
    timeline: timeline && history.timeline ? changedTimeline(history.timeline, timeline) : history.timeline,
  };
}

function changedPoints(
  points: HistoryPoints,
  { from, done, failed, inFlight }: NonNullable<HistoryChange["points"]>,
): HistoryPoints {
  return {
    done: [...points.done.slice(0, from), ...done],
    failed: [...points.failed.slice(0, from), ...failed],
    inFlight: [...points.inFlight.slice(0, from), ...inFlight],
  };
}

function changedTimeline(timeline: Timeline, change: TimelineChange): Timeline {
  const { lanes = timeline.lanes } = change;
  const marks = changedMarks(timeline.marks, change);
  if (timeline.form === "exact") return { ...timeline, lanes, marks };
  return { ...timeline, lanes, marks, cells: changedCells(timeline.cells, change.cells) };
}

function changedMarks(
  marks: readonly Mark[],
  { marks: newer = [], gone = [] }: TimelineChange,
): readonly Mark[] {
  if (newer.length === 0 && gone.length === 0) return marks;
  const byKey = new Map(marks.map((mark) => [keyOfMark(mark), mark]));
  for (const key of gone) byKey.delete(key);
  for (const mark of newer) byKey.set(keyOfMark(mark), mark);
  return [...byKey.values()];
}

function changedCells(cells: readonly Cell[], newer: readonly Cell[] = []): readonly Cell[] {
  if (newer.length === 0) return cells;
  const key = ([lane, column]: Cell): string => `${lane}.${column}`;
  const byKey = new Map(cells.map((cell) => [key(cell), cell]));
  for (const cell of newer) byKey.set(key(cell), cell);
  return [...byKey.values()];
}
