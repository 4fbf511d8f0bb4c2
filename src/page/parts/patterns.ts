/** Fills of marks that are no plain colour. They are in the document once, for all drawings. */
import { h } from "preact";
import type { JSX } from "preact";

/** Patterns belong to the marks: colour alone would not tell them apart. */
export function Patterns(): JSX.Element {
  const stripes = (id: string, turn: number): JSX.Element =>
    h(
      "pattern",
      { id, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${turn})` },
      h("rect", { width: 5, height: 5, class: `${id}-ground` }),
      h("rect", { width: 2.5, height: 5, class: `${id}-stripe` }),
    );
  return h(
    "svg",
    { class: "patterns", width: 0, height: 0, "aria-hidden": "true" },
    h(
      "defs",
      null,
      stripes("again", 45),
      stripes("skipped", -45),
      h(
        "linearGradient",
        { id: "running" },
        h("stop", { offset: 0, class: "running-from" }),
        h("stop", { offset: 1, class: "running-to" }),
      ),
    ),
  );
}
