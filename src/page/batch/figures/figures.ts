/** The three figures: items per second, items in flight, time for one item. */
import { h } from "preact";
import type { ComponentChildren, JSX } from "preact";
import { count } from "../../../format.ts";
import { HistogramChart } from "../../charts/histogram-chart.ts";
import { SeriesChart } from "../../charts/series-chart.ts";
import type { PageLook } from "../../parts/top/look.ts";
import type { BatchDetails } from "../../../batch/summary/details.ts";
import type { BatchHistory } from "../../../core/history/history.ts";
import { shortDuration } from "../../words/numbers.ts";
import { clock } from "../../words/times.ts";
import {
  allowedWords,
  inFlightFigures,
  inFlightText,
  latencyWords,
  rateFigures,
  rateText,
} from "./figures-words.ts";

export interface FiguresProps {
  readonly history: BatchHistory;
  readonly details: BatchDetails | undefined;
  readonly ended: boolean;
  readonly look: PageLook;
  /** Of a chart. On a screen it is measured. */
  readonly width?: number;
}

export function Figures({ history, details, ended, look, width }: FiguresProps): JSX.Element {
  const rate = rateFigures(history, ended);
  const flight = inFlightFigures(history);
  const span = history.now / history.interval;
  const axis = {
    span,
    from: clock(history.start, look.zone),
    to: ended ? clock(history.start + history.now, look.zone) : "now",
    ...(width === undefined ? {} : { width }),
  };
  const isAws = details?.where === "aws";
  const now = ended ? flight.most : flight.now;
  const allowed = allowedWords(ended ? null : history.allowed, details);
  return h(
    "section",
    { class: "panel figures", "aria-label": "Figures" },
    h(
      Figure,
      {
        name: "Items per second",
        value: rateText(ended ? rate.average : rate.now),
        more: ended
          ? `on average, ${rateText(rate.most)} at most`
          : `now, ${rateText(rate.average)} on average`,
      },
      h(SeriesChart, {
        ...axis,
        values: rate.values,
        label: `Items per second: ${rateText(rate.average)} on average, ${rateText(rate.most)} at most`,
      }),
    ),
    h(
      Figure,
      {
        name: isAws ? "Workers" : "Items in flight",
        value: inFlightText(now, ended && rate.most > 0),
        more: ended ? `at most${allowed === "" ? "" : `: ${allowed}`}` : allowed,
      },
      h(SeriesChart, {
        ...axis,
        values: flight.values,
        label: `${isAws ? "Workers" : "Items in flight"}: ${count(flight.most)} at most`,
      }),
    ),
    history.latency
      ? h(
          Figure,
          {
            name: "Time for one item",
            value: shortDuration(history.latency.p50),
            more: latencyWords(history.latency, details),
          },
          h(HistogramChart, { latency: history.latency, ...(width === undefined ? {} : { width }) }),
        )
      : isAws &&
          !look.report &&
          h(Figure, { name: "Time for one item", value: "not known", more: ended ? "" : "yet" }),
  );
}

function Figure({
  name,
  value,
  more,
  children,
}: {
  readonly name: string;
  readonly value: string;
  readonly more: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return h(
    "figure",
    { class: "figure" },
    h(
      "figcaption",
      null,
      h("span", { class: "soft" }, name),
      h("span", { class: "figure-line num" }, h("strong", null, value), ` ${more}`),
    ),
    children,
  );
}
