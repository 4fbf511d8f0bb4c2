/** The legend: its entries are buttons, and a pressed one makes the others faint. */
import { h } from "preact";
import type { JSX } from "preact";
import { HEDGED, SPLIT } from "../../core/history/history.ts";
import type { Timeline } from "../../core/history/history.ts";
import { drawnOf, hasFailed } from "./layout.ts";

export interface LegendProps {
  readonly timeline: Timeline;
  readonly only: string | null;
  /** `null`: entries cannot be pressed. */
  readonly onOnly: ((kind: string | null) => void) | null;
}

interface LegendEntry {
  readonly kind: string;
  readonly name: string;
}

const NAMES: readonly LegendEntry[] = [
  { kind: "settled", name: "settled" },
  { kind: "failed", name: "has failed items" },
  { kind: "again", name: "tried again" },
  { kind: "hedged", name: "hedged" },
  { kind: "split", name: "split" },
  { kind: "merge", name: "merge" },
  { kind: "running", name: "running" },
];

/** Kinds that the timeline has none of are left out. */
export function legendOf(timeline: Timeline): readonly LegendEntry[] {
  const present = new Set<string>(["settled"]);
  for (const mark of timeline.marks) {
    const drawn = drawnOf(mark);
    present.add(drawn === "lost" ? "again" : drawn === "broken" ? "failed" : drawn);
    if (hasFailed(mark)) present.add("failed");
    if ((mark[8] & HEDGED) !== 0) present.add("hedged");
    if ((mark[8] & SPLIT) !== 0) present.add("split");
  }
  const isCells = timeline.form === "cells";
  if (isCells && timeline.cells.some(([, , , , , failed]) => failed > 0)) present.add("failed");
  return NAMES.flatMap(({ kind, name }) =>
    present.has(kind) ? [{ kind, name: isCells && kind === "settled" ? "busy" : name }] : [],
  );
}

export function Legend({ timeline, only, onOnly }: LegendProps): JSX.Element {
  return h(
    "div",
    { class: "legend right" },
    ...legendOf(timeline).map(({ kind, name }) => {
      const content = [h(Swatch, { kind }), name];
      if (!onOnly) return h("span", { key: kind, class: "entry" }, ...content);
      const pressed = only === kind;
      return h(
        "button",
        {
          key: kind,
          type: "button",
          class: "entry",
          "aria-pressed": pressed,
          onClick: () => onOnly(pressed ? null : kind),
        },
        ...content,
      );
    }),
  );
}

const DIAMOND = "M6 1.5 10.5 6 6 10.5 1.5 6Z";

/** A mark as it is drawn, beside its name. */
export function Swatch({ kind }: { readonly kind: string }): JSX.Element {
  const shape =
    kind === "merge"
      ? h("path", { class: "mark m-merge", d: DIAMOND })
      : kind === "split"
        ? h("path", { class: "mark m-split", d: "M6 0v12" })
        : h("rect", { class: `mark m-${CLASSES[kind] ?? kind}`, x: 1, y: 1, width: 10, height: 10, rx: 2 });
  return h(
    "svg",
    { class: "swatch", width: 12, height: 12, viewBox: "0 0 12 12", "aria-hidden": "true" },
    shape,
  );
}

const CLASSES: { readonly [kind: string]: string } = {
  settled: "succeeded",
  running: "inFlight",
  lost: "lost",
};
