/**
 * Alarms: dead letters, stuck queues, failing or throttled functions, and requests that failed with 5xx.
 */
import { Duration } from "aws-cdk-lib";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

export interface AlarmProps {
  /** The topic that every alarm notifies when it begins and when it ends. */
  readonly alarmTopic?: ITopic | undefined;
}

const PERIOD_MINUTES = 5;
const period = Duration.minutes(PERIOD_MINUTES);

/**
 * Chunks or merges that died three times. Their batches go on, but something is wrong with an item, the code
 * or the memory.
 */
export function alarmDeadLetters(scope: Construct, props: AlarmProps, queue: Queue, reader: Function): void {
  alarm(scope, "DeadLettersAlarm", props, {
    metric: reader.metricInvocations({ period, statistic: Stats.SUM }),
    description: "Messages exhausted their receives and came to the dead letters",
    periods: 1,
  });
  alarm(scope, "DeadLettersStuckAlarm", props, {
    metric: stuckMetric(queue),
    description: "Dead letters wait and nobody takes them",
    periods: 3,
  });
}

/**
 * Messages wait, and none was deleted for longer than an invocation can take: their batches make no progress.
 */
export function alarmStuck(
  scope: Construct,
  id: string,
  props: AlarmProps,
  { queue, visibility }: { readonly queue: Queue; readonly visibility: Duration },
): void {
  alarm(scope, `${id}StuckAlarm`, props, {
    metric: stuckMetric(queue),
    description: `Messages wait in ${queue.queueName} and none is done`,
    periods: Math.ceil(visibility.toMinutes({ integral: false }) / PERIOD_MINUTES) + 2,
  });
}

/** Direct invocations that wait for concurrency. */
export function alarmLate(scope: Construct, props: AlarmProps, worker: Function): void {
  alarm(scope, "LateAlarm", props, {
    metric: worker.metric("AsyncEventAge", { period, statistic: Stats.MAXIMUM }),
    description: "Direct invocations wait for longer than half an hour",
    threshold: Duration.minutes(30).toMilliseconds(),
    periods: 1,
  });
}

/** Redeliveries hide errors and throttles: the batch still ends, only later. */
export function alarmFunctions(scope: Construct, props: AlarmProps, functions: readonly Function[]): void {
  const names = functions.map((one) => one.node.id).join(", ");
  alarm(scope, "ErrorsAlarm", props, {
    metric: sum(functions.map((one) => one.metricErrors({ period }))),
    description: `Invocations fail: ${names}`,
    periods: 1,
  });
  alarm(scope, "ThrottlesAlarm", props, {
    metric: sum(functions.map((one) => one.metricThrottles({ period }))),
    description: `Invocations are turned away, the account's concurrency is used up: ${names}`,
    periods: 3,
  });
}

/** Requests that the API answers with 5xx. */
export function alarmApi(scope: Construct, props: AlarmProps, api: RestApi): void {
  alarm(scope, "ApiAlarm", props, {
    metric: api.metricServerError({ period, statistic: Stats.SUM }),
    description: "The API answers with 5xx",
    periods: 1,
  });
}

interface AlarmSettings {
  readonly metric: IMetric;
  readonly description: string;
  /** The number of consecutive periods. */
  readonly periods: number;
  readonly threshold?: number;
}

function alarm(scope: Construct, id: string, { alarmTopic }: AlarmProps, settings: AlarmSettings): void {
  const made = new Alarm(scope, id, {
    metric: settings.metric,
    alarmDescription: settings.description,
    threshold: settings.threshold ?? 0,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: settings.periods,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  if (!alarmTopic) return;
  made.addAlarmAction(new SnsAction(alarmTopic));
  made.addOkAction(new SnsAction(alarmTopic));
}

function sum(metrics: readonly IMetric[]): IMetric {
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({
    expression: Object.keys(named).join(" + "),
    usingMetrics: named,
    period,
    label: "sum",
  });
}

/** 1 while messages wait and none is deleted, 0 otherwise. */
function stuckMetric(queue: Queue): IMetric {
  return new MathExpression({
    expression: "IF(waiting > 0 AND FILL(done, 0) == 0, 1, 0)",
    usingMetrics: {
      waiting: queue.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MINIMUM }),
      done: queue.metricNumberOfMessagesDeleted({ period, statistic: Stats.SUM }),
    },
    period,
    label: "waiting, none done",
  });
}
