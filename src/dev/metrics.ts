/**
 * The metrics of `fanjoin dev` as Prometheus reads them, of the batches that this process has worked on:
 * https://prometheus.io/docs/instrumenting/exposition_formats/.
 */
import { hasEnded, stateOf } from "../core/records/batch.ts";
import type { Fields } from "../core/records/record.ts";
import { NO_TOTALS, addTotals, subtractTotals } from "../core/records/tree.ts";
import type { Totals } from "../core/records/tree.ts";
import { committedTotals } from "../batch/progress.ts";
import type { Engine } from "../local/engine/engine.ts";

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
      const sums = (value: (totals: Totals) => number): Sample[] =>
        Array.from(totals, ([job, of]) => [{ job }, Math.max(0, value(of))]);
      return [
        family("fanjoin_items_total", "counter", "Items that are done, by outcome.", [
          ...labelled(
            sums(({ succeeded }) => succeeded),
            { outcome: "succeeded" },
          ),
          ...labelled(
            sums(({ failed }) => failed),
            { outcome: "failed" },
          ),
        ]),
        family(
          "fanjoin_chunks_settled_total",
          "counter",
          "Chunks that are settled.",
          sums(({ chunks }) => chunks),
        ),
        family(
          "fanjoin_work_seconds_total",
          "counter",
          "Time of work on chunks.",
          sums(({ ms }) => ms / 1000),
        ),
        family(
          "fanjoin_batches_running",
          "gauge",
          "Batches that have not ended.",
          all.map(([job, { running }]) => [{ job }, running.size]),
        ),
        family(
          "fanjoin_batches_ended_total",
          "counter",
          "Batches that have ended, by state.",
          all.flatMap(([job, { ended }]) =>
            Array.from(ended, ([state, count]): Sample => [{ job, state }, count]),
          ),
        ),
      ].join("");
    },
  };
}

type Sample = readonly [labels: { readonly [name: string]: string }, value: number];

function labelled(samples: readonly Sample[], more: Sample[0]): Sample[] {
  return samples.map(([labels, value]) => [{ ...labels, ...more }, value]);
}

/** Names of jobs and states need no escapes. */
function family(name: string, type: "counter" | "gauge", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const text = Object.entries(labels).map(([label, of]) => `${label}="${of}"`);
    return `${name}{${text.join(",")}} ${value}`;
  });
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join("\n")}\n`;
}
