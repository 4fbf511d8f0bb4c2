/** Chunks by worker: the drawing with its tip, legend, keys, and the same as a table. */
import { h } from "preact";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { PageLook } from "../parts/top/look.ts";
import { useWidth } from "../parts/use-width.ts";
import type { BatchHistory, Timeline as TimelineData } from "../../core/history/history.ts";
import { ChunkTable } from "./chunk-table.ts";
import { NARROW, bounded } from "./coarser.ts";
import { AXIS, Drawing, PLOT_TOP } from "./drawing.ts";
import { hit, place, timelineSize } from "./layout.ts";
import type { Placed, PlacedCell, PlacedMark } from "./layout.ts";
import { Legend } from "./legend.ts";
import { neighbour } from "./neighbour.ts";
import { withLanesInOrder } from "./ordered-lanes.ts";
import { Tip } from "./tip.ts";
import { cellTip, markTip, subtitleOf } from "./words.ts";
import type { TipText } from "./words.ts";

export interface TimelineProps {
  readonly history: BatchHistory;
  readonly look: PageLook;
  /** Whether the batch works. */
  readonly live: boolean;
  /** Milliseconds after the start; `null`: not known. */
  readonly expectedEnd: number | null;
  readonly width?: number;
}

interface Pointed {
  readonly at: PlacedMark | PlacedCell;
  /** It stays until Escape. */
  readonly pinned: boolean;
}

export function Timeline(props: TimelineProps & { readonly timeline: TimelineData }): JSX.Element {
  const { history, look, live, expectedEnd, timeline: kept, width: fixed } = props;
  const whole = useMemo(() => withLanesInOrder(kept), [kept]);
  const [ref, measured] = useWidth(fixed ?? 1118);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [only, setOnly] = useState<string | null>(null);
  const [isTable, setTable] = useState(false);
  const width = fixed ?? measured;
  const { now } = history;
  const timeline = look.narrow ? bounded(whole, now, NARROW) : whole;
  const size = timelineSize(timeline, width, look.narrow);
  const span = { now, end: live ? (expectedEnd ?? now) : now };
  const placed = place(timeline, span, size);
  const subtitle = subtitleOf({ ...history, timeline });
  const chosen = pointed && current(placed, pointed.at);

  const onPointer = (event: PointerEvent): void => {
    if (pointed?.pinned) return;
    const at = pointedAt(placed, event);
    if (at || !isOnTip(event)) setPointed(at && { at, pinned: false });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && pointed) setPointed(null);
    else if (event.key === "Enter" && pointed) setPointed({ ...pointed, pinned: !pointed.pinned });
    else {
      const next = neighbour(placed, chosen, event.key);
      if (!next) return;
      setPointed({ at: next, pinned: false });
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const drawing = h(Drawing, {
    timeline,
    placed,
    size,
    span,
    start: history.start,
    zone: look.zone,
    label: `Chunks by worker: ${subtitle}`,
    live,
    only,
    chosen,
  });
  const tip = chosen && tipOf(chosen, timeline, { start: history.start, now, zone: look.zone });
  return h(
    "section",
    { class: "panel chunks", id: "chunks", "aria-labelledby": "chunks-head" },
    h(
      "header",
      null,
      h("h2", { id: "chunks-head" }, "Chunks by worker"),
      h("span", { class: "soft num subtitle" }, subtitle),
      h(Legend, { timeline, only, onOnly: look.report ? null : setOnly }),
    ),
    h(
      "div",
      { class: "inner" },
      h(
        "div",
        {
          class: "timeline-box",
          ref,
          ...(look.report
            ? {}
            : {
                tabIndex: 0,
                role: "group",
                "aria-label":
                  "Chunks by worker. Arrow keys move from mark to mark; the table has the same in words.",
                onPointerMove: onPointer,
                onPointerDown: onPointer,
                onPointerLeave: () => !pointed?.pinned && setPointed(null),
                onKeyDown,
              }),
        },
        drawing,
        chosen &&
          tip &&
          h(Tip, {
            tip,
            box: chosen,
            drawn: "drawn" in chosen ? chosen.drawn : "settled",
            width,
            below: PLOT_TOP,
          }),
      ),
      look.report
        ? null
        : h(
            "button",
            { class: "as-link", type: "button", "aria-expanded": isTable, onClick: () => setTable(!isTable) },
            isTable ? "Hide the table" : "As a table",
          ),
      isTable && h(ChunkTable, { timeline: whole, now }),
    ),
  );
}

function tipOf(
  chosen: PlacedMark | PlacedCell,
  timeline: TimelineData,
  context: { readonly start: number; readonly now: number; readonly zone: PageLook["zone"] },
): TipText | null {
  if ("mark" in chosen) return markTip(chosen.mark, timeline, context.now);
  return timeline.form === "cells" ? cellTip(chosen.cell, { timeline, ...context }) : null;
}

/** The same mark as it is drawn now: it grows while its chunk runs. */
function current(placed: Placed, at: PlacedMark | PlacedCell): PlacedMark | PlacedCell | null {
  if ("cell" in at)
    return placed.cells.find(({ cell }) => cell[0] === at.cell[0] && cell[1] === at.cell[1]) ?? null;
  const [lane, , , , chunk, , , attempt] = at.mark;
  return (
    placed.marks.find(({ mark }) => mark[0] === lane && mark[4] === chunk && mark[7] === attempt) ?? null
  );
}

function pointedAt(placed: Placed, event: PointerEvent): PlacedMark | PlacedCell | null {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top - PLOT_TOP];
  return y > placed.height + AXIS ? null : hit(placed, x, y);
}

function isOnTip({ target }: PointerEvent): boolean {
  return target instanceof Element && target.closest(".tip") !== null;
}
