/** The bar of a batch: what succeeded, failed, was skipped, is in flight, waits. */
import { h } from "preact";
import type { JSX } from "preact";
import { barParts } from "../charts/bar-parts.ts";
import type { BarShares } from "../charts/bar-parts.ts";

export interface BarProps {
  readonly shares: BarShares;
  /** Of the drawing, in its own pixels. It is as wide as its place. */
  readonly width: number;
  readonly height: number;
  /** `null` where the whole is unknown. */
  readonly percent: number | null;
  /** For readers of screens; absent where the numbers stand beside it. */
  readonly label?: string;
}

/** Widths are attributes of SVG: a content policy with hashes refuses styles in markup. */
export function Bar({ shares, width, height, percent, label }: BarProps): JSX.Element {
  const access =
    label === undefined
      ? { "aria-hidden": "true" as const }
      : {
          role: "progressbar" as const,
          "aria-label": "Progress",
          "aria-valuetext": label,
          "aria-valuemin": 0,
          "aria-valuemax": 100,
          ...(percent === null ? {} : { "aria-valuenow": percent }),
        };
  return h(
    "div",
    { class: "bar", ...access },
    h(
      "svg",
      {
        width: "100%",
        height,
        viewBox: `0 0 ${width} ${height}`,
        preserveAspectRatio: "none",
        "aria-hidden": "true",
      },
      ...barParts(shares, width).map(({ kind, x, width: wide }) =>
        h("rect", { key: kind, class: `mark m-${kind}`, x, y: 0, width: wide, height, rx: 2 }),
      ),
    ),
  );
}
