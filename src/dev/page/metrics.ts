/**
 * The batches of a directory as Prometheus reads them.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
import type { BatchSummary } from "../../batch/summary.ts";

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

interface Row {
  readonly labels: { readonly [name: string]: string };
  readonly value: number | null | undefined;
}

interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly rows: readonly Row[];
}

/** `working`: batches that have not ended. `states`: how many batches there are by state. */
export function metricsText(working: readonly BatchSummary[], states: ReadonlyMap<string, number>): string {
  const each = (valueOf: (summary: BatchSummary) => Row["value"]): Row[] =>
    working.map((summary) => ({
      labels: { batch: summary.batch, job: summary.job },
      value: valueOf(summary),
    }));
  const metrics: readonly Metric[] = [
    {
      name: "fanjoin_batches",
      type: "gauge",
      help: "Batches by state.",
      rows: [...states].map(([state, value]) => ({ labels: { state }, value })),
    },
    {
      name: "fanjoin_batch_items_succeeded",
      type: "gauge",
      help: "Items that succeeded, of batches that work.",
      rows: each(({ items }) => items.succeeded),
    },
    {
      name: "fanjoin_batch_items_failed",
      type: "gauge",
      help: "Items that failed, of batches that work.",
      rows: each(({ items }) => items.failed),
    },
    {
      name: "fanjoin_batch_items_in_flight",
      type: "gauge",
      help: "Items of chunks that have begun and are not settled.",
      rows: each(({ progress }) => progress?.inFlight),
    },
    {
      name: "fanjoin_batch_items_waiting",
      type: "gauge",
      help: "An estimate of the items that have not begun.",
      rows: each(({ progress }) => progress?.waiting),
    },
    {
      name: "fanjoin_batch_chunks_settled",
      type: "gauge",
      help: "Chunks that are settled, of batches that work.",
      rows: each(({ chunks }) => chunks.settled),
    },
    {
      name: "fanjoin_batch_progress_ratio",
      type: "gauge",
      help: "The share of the input that is done.",
      rows: each(({ progress }) => progress?.of && progress.units / progress.of),
    },
    {
      name: "fanjoin_batch_seconds_left",
      type: "gauge",
      help: "An estimate of the time that is left.",
      rows: each(({ progress }) => progress?.secondsLeft?.most),
    },
  ];
  return metrics.map(metricText).join("");
}

function metricText({ name, type, help, rows }: Metric): string {
  const lines = rows.flatMap(({ labels, value }) =>
    typeof value === "number" ? [`${name}${labelsText(labels)} ${value}\n`] : [],
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelsText(labels: Row["labels"]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
