/** The time of one item: a histogram on a log scale, with half, 90 %, 99 % and the slowest. */
import { h } from "preact";
import type { JSX } from "preact";
import { useWidth } from "../parts/use-width.ts";
import type { Latency } from "../../core/history/history.ts";
import { histogram } from "./histogram-bars.ts";

const HEIGHT = 92;
const FOOT = 46;

export function HistogramChart({
  latency,
  width: fixed,
}: {
  readonly latency: Latency;
  readonly width?: number;
}): JSX.Element {
  const [ref, measured] = useWidth(fixed ?? 344);
  const width = fixed ?? measured;
  const { bars, labels } = histogram(latency, width - 8);
  const label = labels.map(({ name, value }) => `${name} ${value}`).join(", ");
  return h(
    "div",
    { class: "chart", ref },
    h(
      "svg",
      {
        width,
        height: HEIGHT,
        viewBox: `0 0 ${width} ${HEIGHT}`,
        role: "img",
        "aria-label": `Time for one item: ${label}`,
      },
      ...bars.map(({ x, width: wide, height }) =>
        h("rect", {
          key: x,
          class: "mark m-succeeded",
          x: x.toFixed(1),
          width: wide.toFixed(1),
          y: (FOOT - Math.max(1, height * (FOOT - 4))).toFixed(1),
          height: Math.max(1, height * (FOOT - 4)).toFixed(1),
        }),
      ),
      h("line", { class: "axis", x1: 0, x2: width - 8, y1: FOOT, y2: FOOT }),
      ...labels.map(({ name, value, at, end }) =>
        h(
          "g",
          { key: name },
          h("line", { class: "axis", x1: at, x2: at, y1: FOOT, y2: FOOT + 4 }),
          h("text", { class: "value", x: end, y: FOOT + 17, "text-anchor": "end" }, value),
          h("text", { x: end, y: FOOT + 32, "text-anchor": "end" }, name),
        ),
      ),
    ),
  );
}
