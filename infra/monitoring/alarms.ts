/**
 * Alarms: dead letters, work that stands still, functions that fail or are turned away, requests that were
 * not answered.
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
  /** Told of every alarm and of its end. */
  readonly alarmTopic?: ITopic | undefined;
}

const PERIOD_MINUTES = 5;
const period = Duration.minutes(PERIOD_MINUTES);

/**
 * Chunks or merges died three times over: what they were part of goes on, and something is wrong with an
 * item, the code or the memory.
 */
export function alarmDeadLetters(scope: Construct, props: AlarmProps, queue: Queue, reader: Function): void {
  alarm(scope, "DeadLettersAlarm", props, {
    metric: reader.metricInvocations({ period, statistic: Stats.SUM }),
    description: "Messages exhausted their receives and came to the dead letters",
    periods: 1,
  });
  alarm(scope, "DeadLettersStuckAlarm", props, {
    metric: stillness(queue),
    description: "Dead letters wait and nobody takes them",
    periods: 3,
  });
}

/**
 * Messages wait, and for longer than an invocation can take none was done: the batches that they belong to
 * stand still.
 */
export function alarmStuck(
  scope: Construct,
  id: string,
  props: AlarmProps,
  queue: Queue,
  visibility: Duration,
): void {
  alarm(scope, `${id}StuckAlarm`, props, {
    metric: stillness(queue),
    description: `Messages wait in ${queue.queueName} and none is done`,
    periods: Math.ceil(visibility.toMinutes({ integral: false }) / PERIOD_MINUTES) + 2,
  });
}

/** Direct invocations that wait for a place. */
export function alarmLate(scope: Construct, props: AlarmProps, worker: Function): void {
  alarm(scope, "LateAlarm", props, {
    metric: worker.metric("AsyncEventAge", { period, statistic: Stats.MAXIMUM }),
    description: "Direct invocations wait for longer than half an hour",
    threshold: Duration.minutes(30).toMilliseconds(),
    periods: 1,
  });
}

/** Both hide behind redeliveries: a batch ends all the same, late. */
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
  /** In so many periods one after the other. */
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
  const named = Object.fromEntries(metrics.map((metric, place) => [`m${place}`, metric]));
  return new MathExpression({
    expression: Object.keys(named).join(" + "),
    usingMetrics: named,
    period,
    label: "sum",
  });
}

/** 1 while messages wait and none is done. */
function stillness(queue: Queue): IMetric {
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
