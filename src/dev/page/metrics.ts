/** The batches of a directory as metrics. */
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { prometheusText } from "../prometheus.ts";
import type { Metric, MetricRow } from "../prometheus.ts";

/** `working`: batches that have not ended. `states`: how many batches there are by state. */
export function metricsText(working: readonly BatchSummary[], states: ReadonlyMap<string, number>): string {
  const each = (valueOf: (summary: BatchSummary) => MetricRow["value"]): MetricRow[] =>
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
  return prometheusText(metrics);
}
