/** The metrics of `fanjoin dev`: of the batches that this process has worked on. */
import { hasEnded, stateOf } from "../core/records/batch/batch.ts";
import type { Fields } from "../core/records/record.ts";
import { NO_TOTALS, addTotals, subtractTotals } from "../core/records/totals.ts";
import type { Totals } from "../core/records/totals.ts";
import { committedTotals } from "../batch/summary/progress.ts";
import type { Engine } from "../local/engine/engine.ts";
import { prometheusText } from "./prometheus.ts";
import type { MetricRow } from "./prometheus.ts";

export interface DevMetrics {
  /** Called when a batch begins to run, again if it is redriven. */
  add(batch: string, job: string): void;
  text(): string;
}

/** Of one job, since the process began. */
interface JobMetrics {
  /** Of batches that have ended. */
  done: Totals;
  readonly ended: Map<string, number>;
  /** Running batches, and what they had done before. */
  readonly running: Map<string, Totals>;
}

export function devMetrics(engine: Pick<Engine, "progress" | "finished">): DevMetrics {
  const jobs = new Map<string, JobMetrics>();

  function ofJob(job: string): JobMetrics {
    const known = jobs.get(job) ?? { done: NO_TOTALS, ended: new Map(), running: new Map() };
    jobs.set(job, known);
    return known;
  }

  async function follow(batch: string, job: string): Promise<void> {
    const metrics = ofJob(job);
    const before = engine.progress(batch).totals;
    metrics.running.set(batch, before);
    const fields: Fields = await engine.finished(batch);
    metrics.running.delete(batch);
    if (!hasEnded(fields)) return;
    const state = stateOf(fields);
    metrics.ended.set(state, (metrics.ended.get(state) ?? 0) + 1);
    metrics.done = addTotals(metrics.done, subtractTotals(committedTotals(fields), before));
  }

  function totalsOf({ done, running }: JobMetrics): Totals {
    let sum = done;
    for (const [batch, before] of running)
      sum = addTotals(sum, subtractTotals(engine.progress(batch).totals, before));
    return sum;
  }

  return {
    // If the engine fails, the process ends.
    add: (batch, job) => void follow(batch, job).catch(() => undefined),
    text() {
      const all = [...jobs].toSorted(([a], [b]) => (a < b ? -1 : 1));
      const totals = new Map(all.map(([job, metrics]) => [job, totalsOf(metrics)] as const));
      const sums = (value: (totals: Totals) => number, more: MetricRow["labels"] = {}): MetricRow[] =>
        Array.from(totals, ([job, of]) => ({ labels: { job, ...more }, value: Math.max(0, value(of)) }));
      return prometheusText([
        {
          name: "fanjoin_items_total",
          type: "counter",
          help: "Items that are done, by outcome.",
          rows: [
            ...sums(({ succeeded }) => succeeded, { outcome: "succeeded" }),
            ...sums(({ failed }) => failed, { outcome: "failed" }),
          ],
        },
        {
          name: "fanjoin_chunks_settled_total",
          type: "counter",
          help: "Chunks that are settled.",
          rows: sums(({ chunks }) => chunks),
        },
        {
          name: "fanjoin_work_seconds_total",
          type: "counter",
          help: "Time of work on chunks.",
          rows: sums(({ ms }) => ms / 1000),
        },
        {
          name: "fanjoin_batches_running",
          type: "gauge",
          help: "Batches that have not ended.",
          rows: all.map(([job, { running }]) => ({ labels: { job }, value: running.size })),
        },
        {
          name: "fanjoin_batches_ended_total",
          type: "counter",
          help: "Batches that have ended, by state.",
          rows: all.flatMap(([job, { ended }]) =>
            Array.from(ended, ([state, value]): MetricRow => ({ labels: { job, state }, value })),
          ),
        },
      ]);
    },
  };
}
