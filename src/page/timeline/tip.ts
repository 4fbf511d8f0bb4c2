/** What a mark stands for. It stays within the panel, never lies under the pointer, and can be hovered. */
import { h } from "preact";
import type { JSX } from "preact";
import type { Box, Drawn } from "./layout.ts";
import { Swatch } from "./legend.ts";
import type { TipText } from "./words.ts";

export interface TipProps {
  readonly tip: TipText;
  readonly box: Box;
  readonly drawn: Drawn;
  /** Of the panel. */
  readonly width: number;
  readonly below: number;
}

const WIDTH = 320;
const DISTANCE = 6;

export function Tip({ tip, box, drawn, width, below }: TipProps): JSX.Element {
  const wide = Math.min(WIDTH, width);
  const left = Math.max(0, Math.min(box.x, width - wide));
  const top = box.y + box.height + below + DISTANCE;
  return h(
    "div",
    // Set through the style object: styles in markup are refused.
    { class: "tip", role: "status", style: { left: `${left}px`, top: `${top}px`, width: `${wide}px` } },
    h("p", { class: "strong tip-title" }, h(Swatch, { kind: drawn === "lost" ? "again" : drawn }), tip.title),
    tip.lead === null ? null : h("p", { class: "soft" }, tip.lead),
    h(
      "dl",
      null,
      ...tip.rows.map(([name, value]) =>
        h("div", { key: name }, h("dt", null, name), h("dd", { class: "num" }, value)),
      ),
    ),
  );
}
