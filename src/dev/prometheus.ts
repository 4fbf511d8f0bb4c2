/**
 * Metrics as Prometheus reads them.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export interface MetricRow {
  readonly labels: { readonly [name: string]: string };
  readonly value: number | null | undefined;
}

export interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly rows: readonly MetricRow[];
}

export function prometheusText(metrics: readonly Metric[]): string {
  return metrics.map(metricText).join("");
}

function metricText({ name, type, help, rows }: Metric): string {
  const lines = rows.flatMap(({ labels, value }) =>
    typeof value === "number" ? [`${name}${labelsText(labels)} ${value}\n`] : [],
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelsText(labels: MetricRow["labels"]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
