/**
 * Where the marks of a timeline stand, in pixels. Pure, so that a report and a test draw what the page draws.
 */
import { HEDGED, SPLIT, TRIED_AGAIN } from "../../core/history/history.ts";
import type { Cell, Mark, Timeline } from "../../core/history/history.ts";
import { rangeName } from "./range-name.ts";

/** What is drawn of a mark. The last two are drawn around, or at the foot of, another one. */
export const DRAWN = ["settled", "again", "running", "broken", "lost", "merge", "split"] as const;

export type Drawn = (typeof DRAWN)[number];

export interface TimelineSize {
  /** Of the drawing, with the column of names. */
  readonly width: number;
  readonly names: number;
  readonly laneHeight: number;
  readonly gap: number;
}

/** Milliseconds. */
export interface TimelineSpan {
  readonly now: number;
  /** The end of the axis: the expected end, or `now`. */
  readonly end: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedMark extends Box {
  readonly mark: Mark;
  readonly drawn: Drawn;
}

export interface PlacedCell extends Box {
  readonly cell: Cell;
  /** From 0 to 1. */
  readonly busy: number;
}

export interface Placed {
  readonly marks: readonly PlacedMark[];
  readonly cells: readonly PlacedCell[];
  readonly lanes: readonly (Box & { readonly name: string })[];
  readonly height: number;
  readonly x: (ms: number) => number;
}

/** More lanes than these are thin. */
const FEW_LANES = 12;

/** As large as the design has it. */
export function timelineSize(timeline: Timeline, width: number, compact: boolean): TimelineSize {
  if (compact)
    return {
      width,
      names: 28 + 8 * Math.max(0, rangeName(timeline.lanes.slice(-1)).length - 1),
      laneHeight: 10,
      gap: 4,
    };
  if (timeline.form === "exact") return { width, names: 72, laneHeight: 14, gap: 5 };
  if (timeline.lanes.length <= FEW_LANES) return { width, names: 96, laneHeight: 14, gap: 2 };
  return { width, names: 96, laneHeight: 7, gap: 1 };
}

export function place(timeline: Timeline, { now, end }: TimelineSpan, size: TimelineSize): Placed {
  const room = size.width - size.names;
  const last = Math.max(end, now, 1);
  const x = (ms: number): number => size.names + (Math.min(ms, last) / last) * room;
  const y = (lane: number): number => lane * (size.laneHeight + size.gap);
  const height = size.laneHeight;
  const lanes = timeline.lanes.map((name, lane) => ({
    name,
    x: size.names,
    y: y(lane),
    width: room,
    height,
  }));
  const cells =
    timeline.form === "exact"
      ? []
      : timeline.cells.map((cell) => placedCell(cell, { x, y, height, now, ...timeline }));
  const marks = timeline.marks.map((mark): PlacedMark => {
    const [lane, from, to] = mark;
    const wide = x(to ?? Math.max(now, from)) - x(from);
    const drawn = drawnOf(mark);
    if (drawn === "merge") return { mark, drawn, x: x(to ?? now) - 4, y: y(lane), width: 8, height };
    return { mark, drawn, x: x(from), y: y(lane), width: Math.max(1.2, wide - (wide > 3 ? 1 : 0.4)), height };
  });
  return { marks, cells, lanes, height: Math.max(0, y(lanes.length) - size.gap), x };
}

interface CellPlace {
  readonly x: (ms: number) => number;
  readonly y: (lane: number) => number;
  readonly height: number;
  readonly now: number;
  readonly column: number;
  readonly perLane: number;
}

function placedCell(cell: Cell, { x, y, height, now, column: columnMs, perLane }: CellPlace): PlacedCell {
  const [lane, column, , busyMs] = cell;
  const from = column * columnMs;
  // The newest column is as wide as the time that it has had.
  const to = Math.min(Math.max(now, from + 1), from + columnMs);
  const busy = Math.min(1, busyMs / Math.max(1, (to - from) * perLane));
  return { cell, busy, x: x(from), y: y(lane), width: Math.max(1, x(to) - x(from) - 1), height };
}

export function drawnOf([, , to, kind, , , , , flags]: Mark): Drawn {
  if (kind === "merge" || kind === "lost" || kind === "broken") return kind;
  if (to === null || kind === "running") return "running";
  return (flags & TRIED_AGAIN) === 0 ? "settled" : "again";
}

export function hasFailed([, , , kind, , , failed]: Mark): boolean {
  return failed > 0 && kind !== "broken";
}

export function isUnusual([, , , kind, , , , , flags]: Mark): boolean {
  return kind === "lost" || kind === "broken" || (flags & (TRIED_AGAIN | HEDGED | SPLIT)) !== 0;
}

export function durationOf([, from, to]: Mark, now: number): number {
  return (to ?? now) - from;
}

/** The mark or cell at a point. Marks lie on top of cells, and unusual ones on top of others. */
export function hit(placed: Placed, x: number, y: number): PlacedMark | PlacedCell | null {
  const at = placed.marks.findLast((one) => contains(one, x, y, 1));
  return at ?? placed.cells.find((one) => contains(one, x, y, 0.5)) ?? null;
}

function contains(box: Box, x: number, y: number, margin: number): boolean {
  return (
    x >= box.x - margin &&
    x <= box.x + box.width + margin &&
    y >= box.y - margin &&
    y <= box.y + box.height + margin
  );
}
