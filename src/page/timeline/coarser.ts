/** Fewer marks for a narrow screen: neighbours are added up, so that nothing is left out. */
import { TRIED_AGAIN } from "../../core/history/history.ts";
import type { Cell, CellTimeline, Mark, Timeline } from "../../core/history/history.ts";
import { isUnusual } from "./layout.ts";
import { rangeName } from "./range-name.ts";

export interface TimelineBounds {
  readonly lanes: number;
  /** Marks in a lane, before they become cells. */
  readonly marks: number;
  readonly columns: number;
}

/** On a telephone. */
export const NARROW: TimelineBounds = { lanes: 8, marks: 60, columns: 40 };

/** The timeline itself if it fits. `now` is in milliseconds after its start. */
export function bounded(timeline: Timeline, now: number, bounds: TimelineBounds): Timeline {
  const { length } = timeline.lanes;
  if (timeline.form === "exact" && length <= bounds.lanes && mostInALane(timeline.marks) <= bounds.marks)
    return timeline;
  if (timeline.form === "cells" && length <= bounds.lanes) return timeline;
  const cells = timeline.form === "cells" ? timeline : cellsOf(timeline.lanes, timeline.marks, now, bounds);
  const together = Math.max(1, Math.ceil(cells.lanes.length / bounds.lanes));
  return together === 1 ? cells : withFewerLanes(cells, together);
}

function mostInALane(marks: readonly Mark[]): number {
  const counts = new Map<number, number>();
  for (const [lane] of marks) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

function cellsOf(
  lanes: readonly string[],
  marks: readonly Mark[],
  now: number,
  { columns }: TimelineBounds,
): CellTimeline {
  const column = Math.max(1, Math.ceil(now / columns));
  const cells = new Map<string, Cell>();
  for (const mark of marks) {
    for (const part of partsOf(mark, column, now)) addCell(cells, part);
  }
  const kept = marks.filter((mark) => isUnusual(mark) || mark[2] === null);
  return { form: "cells", lanes, perLane: 1, column, cells: [...cells.values()], marks: kept };
}

/** A mark's time in each column that it touches. It is counted in the column in which it ended. */
function partsOf(mark: Mark, column: number, now: number): Cell[] {
  const [lane, from, end, kind, chunk, items, failed, , flags] = mark;
  const to = end ?? now;
  const last = Math.floor(Math.max(from, to - 1) / column);
  const parts: Cell[] = [];
  for (let at = Math.floor(from / column); at <= last; at++) {
    const busy = Math.min(to, (at + 1) * column) - Math.max(from, at * column);
    const isEnd = at === last && end !== null && kind !== "lost";
    const again = isEnd && (flags & TRIED_AGAIN) !== 0 ? 1 : 0;
    const counts = isEnd ? ([1, busy, items, failed, again, to - from, chunk] as const) : null;
    parts.push([lane, at, ...(counts ?? ([0, busy, 0, 0, 0, 0, chunk] as const))]);
  }
  return parts;
}

function withFewerLanes(
  { lanes, perLane, cells, marks, ...rest }: CellTimeline,
  together: number,
): CellTimeline {
  const sums = new Map<string, Cell>();
  for (const [lane, ...cell] of cells) addCell(sums, [Math.floor(lane / together), ...cell]);
  return {
    ...rest,
    lanes: Array.from({ length: Math.ceil(lanes.length / together) }, (_, at) =>
      rangeName(lanes.slice(at * together, (at + 1) * together)),
    ),
    perLane: perLane * together,
    cells: [...sums.values()],
    marks: marks.map(([lane, ...mark]): Mark => [Math.floor(lane / together), ...mark]),
  };
}

function addCell(cells: Map<string, Cell>, cell: Cell): void {
  const key = `${cell[0]}.${cell[1]}`;
  const known = cells.get(key);
  cells.set(key, known ? addedUp(known, cell) : cell);
}

function addedUp(a: Cell, b: Cell): Cell {
  const slowest = b[7] > a[7] || (b[7] === a[7] && b[8] < a[8]) ? b : a;
  return [
    a[0],
    a[1],
    a[2] + b[2],
    a[3] + b[3],
    a[4] + b[4],
    a[5] + b[5],
    a[6] + b[6],
    slowest[7],
    slowest[8],
  ];
}
