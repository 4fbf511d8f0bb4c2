/** What the timeline says: its subtitle, and the tips of marks and cells. */
import { count, counted, duration } from "../../format.ts";
import { HEDGED, SPLIT, TRIED_AGAIN } from "../../core/history/history.ts";
import type {
  BatchHistory,
  Cell,
  CellTimeline,
  HistoryCounts,
  Mark,
  Timeline,
} from "../../core/history/history.ts";
import { ordinal } from "../words/numbers.ts";
import { clock } from "../words/times.ts";
import type { Zone } from "../words/times.ts";
import { durationOf } from "./layout.ts";

export interface TipText {
  readonly title: string;
  readonly lead: string | null;
  readonly rows: readonly (readonly [name: string, value: string])[];
}

/** `646 settled, 8 running, 6 tried again, 2 hedged`; of cells, what one of them stands for. */
export function subtitleOf({ timeline, counts }: Pick<BatchHistory, "timeline" | "counts">): string {
  if (timeline?.form !== "cells") return countsText(counts);
  const workers = timeline.perLane === 1 ? "one worker" : counted(timeline.perLane, "worker");
  const typical = typicalChunks(timeline.cells);
  const unusual = timeline.marks.filter(([, , to]) => to !== null).length;
  const own = unusual === 0 ? "" : `; the ${count(unusual)} most unusual chunks on their own`;
  const about = typical === 0 ? "" : `, about ${counted(typical, "chunk")}`;
  return `each cell: ${workers} for ${duration(timeline.column / 1000)}${about}${own}`;
}

/** Kinds with none are left out. */
function countsText({ settled, running, triedAgain, hedged, split }: HistoryCounts): string {
  const parts: readonly (readonly [number | null, string])[] = [
    [settled, "settled"],
    [running, "running"],
    [triedAgain, "tried again"],
    [hedged, "hedged"],
    [split, "split"],
  ];
  const known = parts.flatMap(([value, name]) =>
    value === null || value === 0 ? [] : [`${count(value)} ${name}`],
  );
  return known.length === 0 ? "none has begun" : known.join(", ");
}

function typicalChunks(cells: readonly Cell[]): number {
  const counts = cells.map(([, , chunks]) => chunks).toSorted((a, b) => a - b);
  return counts[Math.floor(counts.length / 2)] ?? 0;
}

/** All marks of the mark's chunk tell of its attempts. */
export function markTip(mark: Mark, timeline: Timeline, now: number): TipText {
  const [lane, , , kind, chunk, items, failed, attempt, flags] = mark;
  if (kind === "merge")
    return {
      title: attempt === 0 ? "Merge of chunks" : `Merge, level ${attempt}`,
      lead: `on ${timeline.lanes[lane] ?? "one worker"}`,
      rows: [["Took", time(durationOf(mark, now))]],
    };
  const attempts = timeline.marks
    .filter((one) => one[4] === chunk && one[3] !== "merge")
    .toSorted((a, b) => a[1] - b[1]);
  const rows = attempts.map(
    (one, at) => [`${ordinal(at + 1)} attempt`, attemptText(one, timeline, now)] as const,
  );
  const done = kind === "running" || kind === "lost" ? null : itemsText(items, failed, kind);
  return {
    title: `Chunk ${count(chunk)}${markWord(mark)}`,
    lead: attempts.length > 1 ? null : `on ${timeline.lanes[lane] ?? "one worker"}`,
    rows: [
      ...(attempts.length > 1
        ? rows
        : [[kind === "running" ? "So far" : "Took", time(durationOf(mark, now))] as const]),
      ...(done === null ? [] : [["Items", done] as const]),
      ...((flags & SPLIT) === 0 ? [] : [["Split", "a part of a chunk that was cut"] as const]),
    ],
  };
}

function markWord([, , , kind, , , , , flags]: Mark): string {
  if (kind === "running") return ", running";
  if (kind === "broken") return ", given up";
  if ((flags & HEDGED) !== 0) return ", hedged";
  return (flags & TRIED_AGAIN) !== 0 || kind === "lost" ? ", tried again" : "";
}

function attemptText(mark: Mark, { lanes }: Timeline, now: number): string {
  const [lane, , to, kind] = mark;
  const on = lanes[lane] ?? "a worker";
  if (to === null) return `${time(durationOf(mark, now))} so far on ${on}`;
  return kind === "lost"
    ? `${time(durationOf(mark, now))} on ${on}, then it was lost`
    : `${time(durationOf(mark, now))} on ${on}`;
}

function itemsText(items: number, failed: number, kind: Mark[3]): string {
  if (kind === "broken") return "its items were not tried one by one";
  return failed === 0
    ? `${count(items)} succeeded`
    : `${count(items - failed)} succeeded, ${count(failed)} failed`;
}

export interface CellTipContext {
  readonly timeline: CellTimeline;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly now: number;
  readonly zone: Zone;
}

export function cellTip(cell: Cell, { timeline, start, now, zone }: CellTipContext): TipText {
  const [lane, column, chunks, busyMs, items, failed, triedAgain, slowestMs, slowest] = cell;
  const from = column * timeline.column;
  const to = Math.min(Math.max(now, from + 1), from + timeline.column);
  const busy = Math.min(100, Math.round((busyMs / Math.max(1, (to - from) * timeline.perLane)) * 100));
  const typical = chunks === 0 ? null : time(busyMs / chunks);
  return {
    title: `${named(timeline.lanes[lane] ?? "")}, ${clock(start + from, zone)} to ${clock(start + to, zone)}`,
    lead: `${counted(chunks, "chunk")} settled, ${counted(items, "item")}`,
    rows: [
      ["Busy", `${busy} % of the time`],
      ...(failed === 0 ? [] : [["Failed", counted(failed, "item")] as const]),
      ...(triedAgain === 0 ? [] : [["Tried again", counted(triedAgain, "chunk")] as const]),
      ...(typical === null
        ? []
        : [["A chunk", `${typical} typical, ${time(slowestMs)} slowest (chunk ${count(slowest)})`] as const]),
    ],
  };
}

function named(lane: string): string {
  return /^\d/.test(lane)
    ? `Workers ${lane.replace("–", " to ")}`
    : `${lane.charAt(0).toUpperCase()}${lane.slice(1)}`;
}

function time(ms: number): string {
  return duration(ms / 1000);
}
