/** Rules that start batches at the times of a job's schedule. */
import { EventField, Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { parseCron } from "../../src/core/cron.ts";
import type { Cron } from "../../src/core/cron.ts";
import { isObject } from "../../src/core/json/json.ts";
import type { Json } from "../../src/core/json/json.ts";
import { invalid } from "./check-props.ts";

/** When batches of a deployed job start by themselves, and with what. */
export interface ScheduleProps {
  /** Five fields, in UTC: minute, hour, day of the month, month, weekday. */
  readonly cron: string;
  /** The params of each batch. */
  readonly params?: Json | undefined;
  /** The input of each batch, as a request to the API names it. */
  readonly input?: Json | undefined;
  /** What happens at a time at which the last batch has not ended: `skip` by default. */
  readonly overlap?: "skip" | "queue" | undefined;
}

/** Throws `JOB_INVALID`. */
export function parseScheduleProps(job: string, given: unknown): ScheduleProps | null {
  if (given === null || given === undefined) return null;
  const props: unknown = typeof given === "string" ? { cron: given } : given;
  if (!isObject(props) || typeof props["cron"] !== "string")
    throw invalid(`${job}: schedule has to be five fields such as "0 3 * * *", or { cron: "0 3 * * *", … }.`);
  const { cron, overlap = "skip" } = props;
  const parsed = parseCron(cron);
  if (typeof parsed === "string") throw invalid(`${job}: schedule ${JSON.stringify(cron)}: ${parsed}.`);
  if (overlap !== "skip" && overlap !== "queue")
    throw invalid(`${job}: schedule.overlap has to be "skip" or "queue", but is ${JSON.stringify(overlap)}.`);
  return props as unknown as ScheduleProps;
}

/** Creates the rules of a job's schedule. */
export function scheduleJob(
  scope: Construct,
  job: string,
  { cron, params = null, input = null, overlap = "skip" }: ScheduleProps,
  queue: Queue,
): void {
  const message = { kind: "tick", job, time: EventField.time, params, input, overlap };
  for (const [place, expression] of awsCrons(job, cron).entries()) {
    new Rule(scope, place === 0 ? "Schedule" : "ScheduleByWeekday", {
      description: `Starts batches of ${job}: ${cron} (UTC)`,
      schedule: Schedule.expression(`cron(${expression})`),
      targets: [new SqsQueue(queue, { message: RuleTargetInput.fromObject(message) })],
    });
  }
}

const ALL = { minutes: 60, hours: 24, days: 31, months: 12, weekdays: 7 } as const;

/**
 * EventBridge has six fields, of which a day or a weekday is `?`: a schedule that limits both needs two
 * rules. A time at which both are due is one batch.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export function awsCrons(job: string, text: string): readonly string[] {
  const cron = parseCron(text);
  if (typeof cron === "string") throw invalid(`${job}: schedule ${JSON.stringify(text)}: ${cron}.`);
  const weekdays = new Set([...cron.weekdays].filter((day) => day < 7));
  const anyDay = cron.days.size === ALL.days;
  const anyWeekday = weekdays.size === ALL.weekdays;
  const time = `${listOf(cron.minutes, ALL.minutes)} ${listOf(cron.hours, ALL.hours)}`;
  const months = listOf(cron.months, ALL.months);
  const byDay = `${time} ${listOf(cron.days, ALL.days)} ${months} ? *`;
  // Sunday is 1 there.
  const byWeekday = `${time} ? ${months} ${listOf(new Set([...weekdays].map((day) => day + 1)), ALL.weekdays)} *`;
  if (cron.eitherDay) return anyDay || anyWeekday ? [`${time} * ${months} ? *`] : [byDay, byWeekday];
  if (anyWeekday) return [byDay];
  if (anyDay) return [byWeekday];
  throw invalid(
    `${job}: schedule ${JSON.stringify(text)} is due where both the day of the month and the weekday fit, which EventBridge cannot say: limit one of them.`,
  );
}

type Values = Cron["minutes"];

/** `*`, or numbers and ranges of them. */
function listOf(values: Values, all: number): string {
  if (values.size === all) return "*";
  const sorted = [...values].toSorted((a, b) => a - b);
  const starts = sorted.filter((value) => !values.has(value - 1));
  const ends = sorted.filter((value) => !values.has(value + 1));
  return starts.map((from, place) => (from === ends[place] ? `${from}` : `${from}-${ends[place]}`)).join(",");
}
