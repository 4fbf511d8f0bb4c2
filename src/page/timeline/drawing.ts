/** The drawing of a timeline: lanes, marks by kind, the axis, now and the expected end. */
import { h } from "preact";
import type { JSX } from "preact";
import { HEDGED, SPLIT } from "../../core/history/history.ts";
import type { Timeline } from "../../core/history/history.ts";
import { timeTicks } from "../charts/scale.ts";
import { clock, elapsed } from "../words/times.ts";
import type { Zone } from "../words/times.ts";
import { rangeName } from "./range-name.ts";
import { hasFailed } from "./layout.ts";
import type { Box, Placed, PlacedMark, TimelineSize, TimelineSpan } from "./layout.ts";
import { boxesPath, diamondsPath, feetPath, ticksPath } from "./paths.ts";

export interface DrawingProps {
  readonly timeline: Timeline;
  readonly placed: Placed;
  readonly size: TimelineSize;
  readonly span: TimelineSpan;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly zone: Zone;
  readonly label: string;
  /** While it works: where now is. */
  readonly live: boolean;
  /** The kind that stands out. `null`: all. */
  readonly only: string | null;
  /** It has an outline. */
  readonly chosen: Box | null;
}

const TOP = 4;
export const AXIS = 26;
export const PLOT_TOP = TOP;

export function Drawing(props: DrawingProps): JSX.Element {
  const { placed, size, label, chosen } = props;
  const height = TOP + placed.height + AXIS;
  return h(
    "svg",
    {
      class: "timeline",
      width: size.width,
      height,
      viewBox: `0 ${-TOP} ${size.width} ${height}`,
      role: "img",
      "aria-label": label,
    },
    h("path", { class: "lane", d: boxesPath(laneBoxes(props)) }),
    ...laneNames(props),
    ...cellPaths(props),
    ...markPaths(props),
    ...axis(props),
    chosen &&
      h("rect", {
        class: "chosen",
        x: chosen.x - 1,
        y: chosen.y - 1,
        width: Math.max(3, chosen.width + 2),
        height: chosen.height + 2,
        rx: 2,
      }),
  );
}

/** Cells lie close: their lanes are one ground. */
function laneBoxes({ placed, timeline, size }: DrawingProps): readonly Box[] {
  if (timeline.form === "exact") return placed.lanes;
  return [{ x: size.names, y: 0, width: size.width - size.names, height: placed.height }];
}

/** Names need so much room below each other. */
const NAME_HEIGHT = 16;

/** Where lanes are thinner than a name, a name stands for several of them. */
function laneNames({ placed, size, timeline }: DrawingProps): JSX.Element[] {
  const every = Math.max(1, Math.ceil(NAME_HEIGHT / (size.laneHeight + size.gap)));
  const names = timeline.lanes.length;
  return placed.lanes.flatMap(({ y, height }, at) => {
    if (at % every !== 0 || (at > 0 && names - at < every / 2)) return [];
    const together = timeline.lanes.slice(at, at + every);
    const text = together.length > 1 || size.names < 60 ? rangeName(together) : (together[0] ?? "");
    return [
      h(
        "text",
        { key: at, x: size.names - 10, y: y + Math.min(height, 14) / 2 + 4, "text-anchor": "end" },
        text,
      ),
    ];
  });
}

const LEVELS = 6;
const FAINTEST = 0.22;

/** Cells of about the same share of busy time are one path. */
function cellPaths({ placed, only }: DrawingProps): JSX.Element[] {
  const levels = Array.from({ length: LEVELS + 1 }, (_, level) => ({
    opacity: FAINTEST + (1 - FAINTEST) * (level / LEVELS),
    cells: placed.cells.filter(({ busy }) => Math.round(busy * LEVELS) === level),
  }));
  const failed = placed.cells.filter(({ cell: [, , , , , bad] }) => bad > 0);
  return [
    ...levels.map(({ opacity, cells }, level) =>
      h("path", {
        key: `c${level}`,
        class: `mark m-succeeded${faint(only, "settled")}`,
        "fill-opacity": opacity.toFixed(2),
        d: squares(cells),
      }),
    ),
    h("path", { key: "cf", class: `mark m-failed${faint(only, "failed")}`, d: feetPath(failed, 2.5) }),
  ];
}

function squares(boxes: readonly Box[]): string {
  return boxes
    .map(
      ({ x, y, width, height }) =>
        `M${x.toFixed(1)} ${y}h${width.toFixed(1)}v${height}h${(-width).toFixed(1)}z`,
    )
    .join("");
}

function faint(only: string | null, kind: string): string {
  return only === null || only === kind ? "" : " faint";
}

function markPaths({ placed, only, timeline }: DrawingProps): JSX.Element[] {
  const of = (...kinds: readonly string[]): PlacedMark[] =>
    placed.marks.filter(({ drawn }) => kinds.includes(drawn));
  const flagged = (flag: number): PlacedMark[] =>
    placed.marks.filter(({ mark: [, , , , , , , , flags] }) => (flags & flag) !== 0);
  const failed = placed.marks.filter(({ mark }) => hasFailed(mark));
  const path = (kind: string, cls: string, d: string): JSX.Element[] =>
    d === "" ? [] : [h("path", { key: kind, class: `mark ${cls}${faint(only, kind)}`, d })];
  return [
    ...path("settled", "m-succeeded", boxesPath(of("settled"))),
    ...path("running", timeline.form === "exact" ? "m-running" : "m-running flat", boxesPath(of("running"))),
    ...path("lost", "m-lost", boxesPath(of("lost").map(inset))),
    ...path("again", "m-again", boxesPath(of("again"))),
    ...path(
      "failed",
      "m-failed",
      feetPath(failed, timeline.form === "exact" ? 4 : 2.5) + boxesPath(of("broken")),
    ),
    ...path("hedged", "m-hedged", boxesPath(flagged(HEDGED))),
    ...path("split", "m-split", ticksPath(flagged(SPLIT))),
    ...path("merge", "m-merge", diamondsPath(of("merge"))),
  ];
}

/** A border stands within its box. */
function inset({ x, y, width, height }: Box): Box {
  return { x: x + 0.75, y: y + 0.75, width: Math.max(1, width - 1.5), height: height - 1.5 };
}

const TICK_WIDTH = 120;

function axis({ placed, size, span, start, zone, live }: DrawingProps): JSX.Element[] {
  const foot = placed.height + 6;
  const total = Math.max(span.end, span.now) / 1000;
  const room = size.width - size.names;
  const nowX = placed.x(span.now);
  const label = (ms: number, text: string, anchor: "start" | "middle" | "end"): JSX.Element =>
    h(
      "g",
      { key: `t${ms}` },
      h("line", { class: "tick", x1: placed.x(ms), x2: placed.x(ms), y1: foot - 4, y2: foot }),
      h("text", { x: placed.x(ms), y: foot + 13, "text-anchor": anchor }, text),
    );
  const ticks = timeTicks(total, Math.max(2, Math.floor(room / TICK_WIDTH))).filter((seconds) => {
    const x = placed.x(seconds * 1000);
    const free = size.width - x > 70 && x - size.names > 70;
    return free && !(live && Math.abs(x - nowX) < 50);
  });
  const expected = live && span.end > span.now * 1.02;
  return [
    label(0, clock(start, zone), "start"),
    ...ticks.map((seconds) => label(seconds * 1000, elapsed(seconds), "middle")),
    ...(live
      ? [
          h("line", { key: "now", class: "now", x1: nowX, x2: nowX, y1: -2, y2: foot }),
          nowX - size.names > 90 &&
            h(
              "text",
              {
                key: "nowText",
                class: "now-text",
                x: Math.min(nowX + 5, size.width - 2),
                y: foot + 11,
                "text-anchor": nowX > size.width - 40 ? "end" : "start",
              },
              "now",
            ),
        ]
      : []),
    ...(expected
      ? [
          h("line", {
            key: "end",
            class: "expected",
            x1: size.width - 1,
            x2: size.width - 1,
            y1: -2,
            y2: foot,
          }),
          size.width - nowX > 100 &&
            h(
              "text",
              { key: "endText", x: size.width - 1, y: foot + 13, "text-anchor": "end" },
              clock(start + span.end, zone),
            ),
        ]
      : []),
  ].filter((one): one is JSX.Element => one !== false);
}
