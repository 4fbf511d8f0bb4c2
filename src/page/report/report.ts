/** A batch on paper: the sections of the page in their order after the end, with more in tables. */
import { h } from "preact";
import type { JSX } from "preact";
import { bytes, count } from "../../format.ts";
import { Counts } from "../batch/figures/counts.ts";
import { detailRows } from "../batch/details-rows.ts";
import type { DetailRow } from "../batch/details-rows.ts";
import { Figures } from "../batch/figures/figures.ts";
import { factsOf } from "../batch/header.ts";
import { BatchStrip } from "../batch/batch-strip.ts";
import { pretty } from "../batch/result.ts";
import { Logo } from "../parts/icon.ts";
import type { PageLook } from "../parts/top/look.ts";
import { Patterns } from "../parts/patterns.ts";
import { StatePill } from "../parts/state-pill.ts";
import { ChunkTable } from "../timeline/chunk-table.ts";
import { Timeline } from "../timeline/timeline.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { Latency } from "../../core/history/history.ts";
import { shortDuration } from "../words/numbers.ts";
import { fileName, printable } from "../words/printable.ts";
import { moment } from "../words/times.ts";
import type { ReportData } from "./report-data.ts";
import { GroupTable, ItemSamples } from "./report-failures.ts";

/** An A4 page between its margins, in pixels. */
const WIDTH = 692;
const CHART = 330;

export function Report({ data }: { readonly data: ReportData }): JSX.Element {
  const { snapshot, madeAt, result, command, raw } = data;
  const { summary, history, failures } = snapshot;
  const look: PageLook = { zone: "utc", now: madeAt, report: true, narrow: false };
  return h(
    "main",
    null,
    h(Patterns, null),
    h(
      "header",
      { class: "report-top" },
      h("span", { class: "brand" }, h(Logo, { size: 20 }), "fanjoin"),
      h("span", { class: "soft" }, "Report of a batch"),
      h("code", { class: "right soft" }, summary.batch),
    ),
    h(
      "div",
      { class: "title-line" },
      h("h1", null, printable(summary.job)),
      h(StatePill, { state: summary.state }),
    ),
    h("p", { class: "soft num facts-line" }, ...factsOf(summary, look)),
    h(BatchStrip, { summary, place: null, endedMeanwhile: false, onVerb: null }),
    h(Counts, { summary, history, look }),
    h(GroupTable, { failures, failed: summary.items.failed }),
    history &&
      h(Figures, {
        history: { ...history, latency: null },
        details: summary.details,
        ended: true,
        look,
        width: CHART,
      }),
    history?.timeline &&
      h(Timeline, {
        history,
        timeline: history.timeline,
        look,
        live: false,
        expectedEnd: null,
        width: WIDTH,
      }),
    h(
      "section",
      { class: "report-details", "aria-labelledby": "details-head" },
      h("h2", { id: "details-head" }, "Details"),
      h(
        "dl",
        { class: "detail-rows" },
        ...rowsOf(data, look).map(({ name, value, mono }) =>
          h(
            "div",
            { key: name },
            h("dt", { class: "soft" }, name),
            h("dd", { class: mono ? "mono" : "num" }, value),
          ),
        ),
      ),
    ),
    result !== null &&
      h(
        "section",
        { class: "report-result", "aria-labelledby": "result-head" },
        h("h2", { id: "result-head" }, "Result"),
        h("pre", { class: "json" }, printable(shortResult(result))),
      ),
    h(ItemSamples, { failures, raw }),
    history?.timeline &&
      h(
        "section",
        { class: "report-chunks", "aria-labelledby": "table-head" },
        h("h2", { id: "table-head" }, "The slowest and the unusual chunks"),
        h(ChunkTable, { timeline: history.timeline, now: history.now }),
      ),
    h(
      "footer",
      { class: "report-foot soft num" },
      h(
        "p",
        null,
        `Made at ${moment(madeAt, madeAt, "utc")} UTC. The same as data: report.json, or fanjoin report --json`,
      ),
      h(
        "p",
        null,
        raw && failures.groups.some(({ items }) => items.some(({ item }) => item !== null))
          ? "It holds text of failed items."
          : "It holds no text of failed items.",
      ),
      command !== null &&
        h("p", null, "The command that repeats the batch: ", h("code", null, printable(command))),
    ),
  );
}

const MOST_LINES = 40;

function shortResult(text: string): string {
  const lines = pretty(text).split("\n");
  return lines.length <= MOST_LINES ? lines.join("\n") : [...lines.slice(0, MOST_LINES), "…"].join("\n");
}

function rowsOf({ snapshot }: ReportData, look: PageLook): readonly DetailRow[] {
  const { summary, history } = snapshot;
  const { triedAgain, hedged, split } = history?.counts ?? { triedAgain: 0, hedged: 0, split: 0 };
  return [
    ...detailRows(summary, history, look),
    ...sourceRows(summary),
    ...fileRows(summary),
    ...(history?.latency ? [{ name: "One item", value: latencyText(history.latency) }] : []),
    ...(history
      ? [
          {
            name: "Unusual",
            value: `${count(triedAgain)} chunks tried again, ${count(hedged)} hedged, ${count(split)} split`,
          },
        ]
      : []),
  ];
}

function latencyText({ p50, p90, p99, max }: Latency): string {
  return `${shortDuration(p50)} for half, ${shortDuration(p90)} for 90 %, ${shortDuration(p99)} for 99 %, slowest ${shortDuration(max)}`;
}

/** The size of each input. Of paths only their ends: a report is for others, too. */
function sourceRows({ details }: BatchSummary): readonly DetailRow[] {
  const { sources = [], unit, count: all = 0 } = details?.input ?? {};
  const rows = sources.map(({ name, size }, at): DetailRow => {
    const facts = [size === null || unit !== "bytes" ? null : bytes(size)].filter((one) => one !== null);
    return { name: `Input ${at + 1}`, value: [printable(fileName(name)), ...facts].join(", ") };
  });
  return all > sources.length
    ? [...rows, { name: "Further inputs", value: count(all - sources.length) }]
    : rows;
}

function fileRows({ result, outputs, failed }: BatchSummary): readonly DetailRow[] {
  return [
    ...(result ? [{ name: "Result", value: `result.json, ${bytes(result.bytes)}` }] : []),
    ...(outputs ? [{ name: "Outputs", value: `outputs.jsonl, ${bytes(outputs.bytes)}` }] : []),
    ...(failed ? [{ name: "Failed items", value: "failed.jsonl" }] : []),
  ];
}
