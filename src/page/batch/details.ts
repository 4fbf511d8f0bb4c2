/** Everything that decided how the batch ran. */
import { h } from "preact";
import type { JSX } from "preact";
import type { PageLook } from "../parts/top/look.ts";
import type { BatchHistory } from "../../core/history/history.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { printable } from "../words/printable.ts";
import { detailRows } from "./details-rows.ts";

export interface DetailsProps {
  readonly summary: BatchSummary;
  readonly history: BatchHistory | null;
  readonly look: PageLook;
}

export function Details({ summary, history, look }: DetailsProps): JSX.Element | null {
  const rows = detailRows(summary, history, look);
  if (rows.length === 0) return null;
  const sources = summary.details?.input.sources ?? [];
  return h(
    "section",
    { class: "panel details", id: "details", "aria-labelledby": "details-head" },
    h("header", null, h("h2", { id: "details-head" }, "Details")),
    h(
      "dl",
      { class: "inner detail-rows" },
      ...rows.map(({ name, value, mono }) =>
        h(
          "div",
          { key: name },
          h("dt", { class: "soft" }, name),
          h("dd", { class: mono ? "mono" : "num" }, value),
        ),
      ),
    ),
    sources.length > 1 &&
      h(
        "details",
        { class: "inner sources" },
        h("summary", null, "Inputs"),
        h("ul", null, ...sources.map(({ name }) => h("li", { key: name, class: "mono" }, printable(name)))),
      ),
  );
}
