/** What has changed of a history, for somebody who has an earlier one. */
import { keyOfMark } from "./history.ts";
import type { BatchHistory, Cell, HistoryPoints, Mark, Timeline } from "./history.ts";

export interface HistoryChange {
  /** In the place of the earlier one: it became coarser, or is another one. */
  readonly whole?: BatchHistory;
  readonly now?: number;
  /** Points from `from` on, in the place of those that were there. */
  readonly points?: { readonly from: number } & HistoryPoints;
  readonly allowed?: number | null;
  readonly latency?: BatchHistory["latency"];
  readonly counts?: BatchHistory["counts"];
  readonly timeline?: TimelineChange;
}

export interface TimelineChange {
  readonly lanes?: readonly string[];
  /** New and changed ones. */
  readonly marks?: readonly Mark[];
  /** The keys of marks that are gone. */
  readonly gone?: readonly string[];
  /** New and changed ones. */
  readonly cells?: readonly Cell[];
}

/** `null`: nothing has changed. */
export function historyChange(before: BatchHistory, after: BatchHistory): HistoryChange | null {
  if (!isSameForm(before, after)) return { whole: after };
  const points = pointsChange(before.points, after.points);
  const timeline = before.timeline && after.timeline ? timelineChange(before.timeline, after.timeline) : null;
  const change: HistoryChange = {
    ...(before.now === after.now ? {} : { now: after.now }),
    ...(points ? { points } : {}),
    ...(before.allowed === after.allowed ? {} : { allowed: after.allowed }),
    ...(isEqual(before.latency, after.latency) ? {} : { latency: after.latency }),
    ...(isEqual(before.counts, after.counts) ? {} : { counts: after.counts }),
    ...(timeline ? { timeline } : {}),
  };
  return Object.keys(change).length === 0 ? null : change;
}

function isSameForm(before: BatchHistory, after: BatchHistory): boolean {
  if (before.start !== after.start || before.interval !== after.interval) return false;
  const [old, current] = [before.timeline, after.timeline];
  if (old === null || current === null) return old === current;
  if (old.form === "cells" && current.form === "cells")
    return old.perLane === current.perLane && old.column === current.column;
  return old.form === current.form;
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function pointsChange(before: HistoryPoints, after: HistoryPoints): HistoryChange["points"] | null {
  const { done, failed, inFlight } = after;
  let from = 0;
  while (
    from < before.done.length &&
    before.done[from] === done[from] &&
    before.failed[from] === failed[from] &&
    before.inFlight[from] === inFlight[from]
  )
    from++;
  if (from === done.length && done.length === before.done.length) return null;
  return { from, done: done.slice(from), failed: failed.slice(from), inFlight: inFlight.slice(from) };
}

function timelineChange(before: Timeline, after: Timeline): TimelineChange | null {
  const old = new Map(before.marks.map((mark) => [keyOfMark(mark), mark]));
  const current = new Set(after.marks.map(keyOfMark));
  const marks = after.marks.filter((mark) => !isEqual(old.get(keyOfMark(mark)), mark));
  const gone = [...old.keys()].filter((key) => !current.has(key));
  const cells = cellsOf(after);
  const oldCells = new Map(cellsOf(before).map((cell) => [`${cell[0]}.${cell[1]}`, cell]));
  const changed = cells.filter((cell) => !isEqual(oldCells.get(`${cell[0]}.${cell[1]}`), cell));
  const change = {
    ...(isEqual(before.lanes, after.lanes) ? {} : { lanes: after.lanes }),
    ...(marks.length === 0 ? {} : { marks }),
    ...(gone.length === 0 ? {} : { gone }),
    ...(changed.length === 0 ? {} : { cells: changed }),
  };
  return Object.keys(change).length === 0 ? null : change;
}

function cellsOf(timeline: Timeline): readonly Cell[] {
  return timeline.form === "cells" ? timeline.cells : [];
}
