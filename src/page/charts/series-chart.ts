/**
 * A series over time, as SVG of its own. No library: a report has the same chart without a script, in print,
 * and its colours follow the theme by themselves.
 */
import { h } from "preact";
import type { JSX } from "preact";
import { useWidth } from "../parts/use-width.ts";
import { axisNumber } from "../words/numbers.ts";
import { smoothed } from "../batch/figures/figures-words.ts";
import { areaPath, linePath } from "./series-path.ts";
import { axisEnd } from "./scale.ts";

export interface SeriesProps {
  /** Of equal intervals, from the start to the end of the axis. `null`: not known. */
  readonly values: readonly (number | null)[];
  /** How many intervals the axis has: the newest one may be a part of one. */
  readonly span: number;
  /** In a sentence, for readers of screens. */
  readonly label: string;
  readonly from: string;
  readonly to: string;
  readonly width?: number;
}

const HEIGHT = 92;
const LEFT = 32;
const TOP = 6;
const FOOT = 18;

export function SeriesChart({
  values: all,
  span: intervals,
  label,
  from,
  to,
  width: fixed,
}: SeriesProps): JSX.Element {
  const { values, together } = smoothed(all);
  const span = intervals / together;
  const [ref, measured] = useWidth(fixed ?? 344);
  const width = fixed ?? measured;
  const most = axisEnd(Math.max(0, ...values.map((value) => value ?? 0)));
  const box = { x: LEFT, y: TOP, width: width - LEFT - 4, height: HEIGHT - TOP - FOOT };
  const levels = [0, most / 2, most];
  return h(
    "div",
    { class: "chart", ref },
    h(
      "svg",
      { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label },
      ...levels.map((level) => {
        const y = box.y + box.height * (1 - level / most);
        return h(
          "g",
          { key: level },
          h("line", { class: level === 0 ? "axis" : "grid", x1: box.x, x2: box.x + box.width, y1: y, y2: y }),
          h("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, axisNumber(level)),
        );
      }),
      h("path", { class: "area", d: areaPath(values, span, most, box) }),
      h("path", { class: "series", d: linePath(values, span, most, box) }),
      h("text", { x: box.x, y: HEIGHT - 3 }, from),
      h("text", { x: box.x + box.width, y: HEIGHT - 3, "text-anchor": "end" }, to),
    ),
  );
}
