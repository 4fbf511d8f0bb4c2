/** The CloudWatch dashboard: waiting messages, invocations, durations, failures. */
import {
  Dashboard,
  GraphWidget,
  MathExpression,
  Metric,
  Stats,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IMetric, IWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { Deployment } from "../resources/deployment.ts";

export interface JobParts {
  readonly queues: readonly Queue[];
  readonly functions: readonly Function[];
}

export interface StackParts extends JobParts {
  readonly api: RestApi;
  readonly table: Table;
}

/** The dashboard, to which each job adds a section. */
export interface Board {
  addJob(name: string, parts: JobParts): void;
}

/** A graph's width; a dashboard has 24 columns. */
const WIDTH = 6;

/** Creates the dashboard with the section of the stack. */
export function createDashboard(scope: Construct, { name }: Deployment, parts: StackParts): Board {
  const board = new Dashboard(scope, "Dashboard", { dashboardName: name });
  const { api, table } = parts;
  board.addWidgets(
    title(`# ${name}`),
    graph(
      "Requests",
      api.metricCount({ label: "requests" }),
      api.metricClientError({ label: "4xx" }),
      api.metricServerError({ label: "5xx" }),
    ),
    graph(
      "Table: units written and read",
      table.metricConsumedWriteCapacityUnits(),
      table.metricConsumedReadCapacityUnits(),
    ),
    ...work(parts),
  );
  return {
    addJob(job, jobParts) {
      board.addWidgets(
        title(`## ${job}`),
        ...rows(name, job),
        ...work(jobParts),
        graph("Concurrent", ...jobParts.functions.map(concurrent)),
      );
    },
  };
}

/** In the order of the page of a batch: counts, rate, times, chunks; and what of the batches became. */
function rows(name: string, job: string): IWidget[] {
  const sums = (...metrics: string[]): IMetric[] => metrics.map((metric) => jobMetric(name, job, metric));
  const [succeeded, failed] = [jobMetric(name, job, "ItemsSucceeded"), jobMetric(name, job, "ItemsFailed")];
  const rate = new MathExpression({
    expression: "(FILL(succeeded, 0) + FILL(failed, 0)) / PERIOD(succeeded)",
    usingMetrics: { succeeded, failed },
    label: "items per second",
  });
  return [
    graph("Items", succeeded, failed),
    graph("Items per second", rate),
    graph("Time of a chunk, ms", ...TIMES.map((share) => timeMetric(name, job, share))),
    graph("Chunks", ...sums("ChunksSettled", "AttemptsFailed")),
    graph("Batches", ...sums("BatchesEnded", "BatchesFailed")),
  ];
}

function work({ queues, functions }: JobParts): IWidget[] {
  return [
    graph(
      "Messages waiting",
      ...queues.map((queue) => queue.metricApproximateNumberOfMessagesVisible({ label: queue.node.id })),
    ),
    graph(
      "Oldest message, s",
      ...queues.map((queue) => queue.metricApproximateAgeOfOldestMessage({ label: queue.node.id })),
    ),
    graph("Invocations", ...functions.map((one) => one.metricInvocations({ label: one.node.id }))),
    graph(
      "Duration, 99 %",
      ...functions.map((one) => one.metricDuration({ label: one.node.id, statistic: Stats.p(99) })),
    ),
    graph("Errors and throttles", ...functions.flatMap(failures)),
  ];
}

function failures(one: Function): IMetric[] {
  const label = one.node.id;
  return [
    one.metricErrors({ label: `${label} errors` }),
    one.metricThrottles({ label: `${label} throttles` }),
  ];
}

/** Half of the chunks, and so on. */
const TIMES = [50, 90, 99];

function timeMetric(stack: string, job: string, percent: number): IMetric {
  return new Metric({
    namespace: "fanjoin",
    metricName: "ChunkTime",
    dimensionsMap: { service: stack, job },
    statistic: Stats.p(percent),
    label: `${percent} %`,
  });
}

/** A metric that the functions emit themselves (`functions/host/telemetry.ts`). */
function jobMetric(stack: string, job: string, metricName: string): IMetric {
  return new Metric({
    namespace: "fanjoin",
    metricName,
    dimensionsMap: { service: stack, job },
    statistic: Stats.SUM,
    label: metricName,
  });
}

function concurrent(one: Function): IMetric {
  return one.metric("ConcurrentExecutions", { label: one.node.id, statistic: Stats.MAXIMUM });
}

function title(markdown: string): IWidget {
  return new TextWidget({ markdown, width: 24, height: 1 });
}

function graph(name: string, ...left: IMetric[]): IWidget {
  return new GraphWidget({ title: name, left, width: WIDTH });
}
