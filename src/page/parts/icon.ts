/** Icons of 14 px. Each stands beside a word, so readers of screens do not hear of it. */
import { h } from "preact";
import type { JSX } from "preact";
import type { BatchState } from "../../core/records/batch/batch.ts";

type Shape = () => JSX.Element[];

const path = (d: string, cls?: string): JSX.Element =>
  h("path", cls === undefined ? { d } : { d, class: cls });
const ring = (dashes?: string): JSX.Element =>
  h("circle", { cx: 7, cy: 7, r: 5.5, ...(dashes === undefined ? {} : { "stroke-dasharray": dashes }) });
const disc = (): JSX.Element => h("circle", { cx: 7, cy: 7, r: 7, class: "solid" });

const OCTAGON = "M4.1 0h5.8L14 4.1v5.8L9.9 14H4.1L0 9.9V4.1Z";

const SHAPES = {
  "open-ring": () => [
    h("circle", { cx: 7, cy: 7, r: 5.5, opacity: 0.4 }),
    path("M7 1.5A5.5 5.5 0 0 1 12.5 7"),
  ],
  "dashed-ring": () => [ring("1.9 1.55")],
  bars: () => [path("M4.5 3v8M9.5 3v8")],
  tick: () => [disc(), path("m4 7.2 2.1 2.1L10.2 5", "cut")],
  triangle: () => [path("M7 .6 14 13H0Z", "solid"), path("M7 5v3.6M7 10.2v1.2", "cut")],
  octagon: () => [path(OCTAGON, "solid"), path("m4.8 4.8 4.4 4.4M9.2 4.8 4.8 9.2", "cut")],
  slashed: () => [ring(), path("m3.1 3.1 7.8 7.8")],
  "broken-ring": () => [path("M4.2 2.3A5.5 5.5 0 1 0 9.8 2.3M7 2v5.2M7 9v1.2")],
  chevron: () => [path("m5 3 4 4-4 4")],
  "chevron-left": () => [path("m9 3-4 4 4 4")],
  copy: () => [path("M4.5 4.5h8v8h-8Z"), path("M9.5 4.5v-3h-8v8h3")],
  search: () => [h("circle", { cx: 6, cy: 6, r: 4.5 }), path("m9.5 9.5 3.5 3.5")],
  theme: () => [ring(), path("M7 1.5a5.5 5.5 0 0 1 0 11Z", "solid")],
  close: () => [path("m3 3 8 8M11 3l-8 8")],
  check: () => [path("m2.5 7.5 3 3 6-7")],
} as const satisfies { readonly [name: string]: Shape };

export type IconName = keyof typeof SHAPES;

export function Icon({
  name,
  turns = false,
}: {
  readonly name: IconName;
  readonly turns?: boolean;
}): JSX.Element {
  return h(
    "svg",
    { class: turns ? "icon turns" : "icon", viewBox: "0 0 14 14", "aria-hidden": "true" },
    ...SHAPES[name](),
  );
}

const OF_STATE: { readonly [State in BatchState]: IconName } = {
  planning: "dashed-ring",
  running: "open-ring",
  cancelling: "open-ring",
  paused: "bars",
  interrupted: "broken-ring",
  succeeded: "tick",
  "completed-with-failures": "triangle",
  failed: "octagon",
  cancelled: "slashed",
};

export function StateIcon({ state }: { readonly state: BatchState }): JSX.Element {
  const known: { readonly [state: string]: IconName } = OF_STATE;
  return h(Icon, { name: known[state] ?? "dashed-ring", turns: state === "running" });
}

/** fanjoin's own mark: three ways from one point to another. */
export function Logo({ size }: { readonly size: number }): JSX.Element {
  return h(
    "svg",
    { class: "logo", width: size, height: size * 0.7, viewBox: "0 0 20 14", "aria-hidden": "true" },
    h("path", { d: "M2 7h16M2 7c5 0 4-6 8-6s3 6 8 6M2 7c5 0 4 6 8 6s3-6 8-6" }),
    h("circle", { cx: 2, cy: 7, r: 2 }),
    h("circle", { cx: 18, cy: 7, r: 2 }),
  );
}
