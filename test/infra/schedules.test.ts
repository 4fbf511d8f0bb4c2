import { Annotations, Match } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { parseTick } from "../../functions/events/tick-event.ts";
import { awsCrons } from "../../infra/resources/schedules.ts";
import type { JobProps } from "../../infra/job-props.ts";
import { fanjoinWith, jobFile, resourcesOf, templateOf } from "./synth.ts";
import type { Loose, Properties } from "./synth.ts";

function rulesOf(file: string, props: Partial<JobProps> = {}) {
  const made = fanjoinWith();
  made.fanjoin.addJob("nightly", { entry: file, ...props });
  const rules = [...resourcesOf(templateOf(made), "AWS::Events::Rule")];
  const own = rules.filter(([id]) => id.startsWith("nightly"));
  return { made, rules: own.map(([, rule]) => rule) };
}

const job = (more: string): string =>
  jobFile(
    "nightly",
    `import { defineJob, range } from "fanjoin";
    const at = "0 3 * * *";
    export default defineJob({ name: "nightly", input: range(1), process: (n) => n, ${more} });`,
  );

/** What the rule sends, with a time in place of EventBridge's. */
function sentBy(rule: Properties | undefined): unknown {
  const input: Loose = rule?.["Targets"][0].InputTransformer;
  const [name = ""] = Object.keys(input.InputPathsMap);
  return JSON.parse(input.InputTemplate.replace(`<${name}>`, '"2026-11-30T03:00:07Z"'));
}

test("the schedule in a job's file becomes a rule that sends the coordinator its time", () => {
  const { rules } = rulesOf(job(`schedule: { cron: at.length ? "0 3 * * *" : "" }`), {
    schedule: "0 3 * * *",
  });
  expect(rules.map((rule) => rule["ScheduleExpression"])).toEqual(["cron(0 3 * * ? *)"]);
  const literal = rulesOf(job(`schedule: { cron: "30 4 * * 1", params: { a: [1, "x"] }, overlap: "queue" }`));
  expect(literal.rules.map((rule) => rule["ScheduleExpression"])).toEqual(["cron(30 4 ? * 2 *)"]);
  expect(parseTick(sentBy(literal.rules[0]))).toEqual({
    kind: "tick",
    job: "nightly",
    at: Date.UTC(2026, 10, 30, 3),
    params: { a: [1, "x"] },
    input: null,
    overlap: "queue",
  });
});

test("addJob goes before the file, and null takes its schedule away", () => {
  const file = job(`schedule: "0 3 * * *"`);
  expect(rulesOf(file, { schedule: "15 * * * *" }).rules[0]?.["ScheduleExpression"]).toBe(
    "cron(15 * * * ? *)",
  );
  expect(rulesOf(file, { schedule: null }).rules).toEqual([]);
});

test("a schedule that the syntax does not show is a warning, and no rule", () => {
  const { made, rules } = rulesOf(job("schedule: at"));
  expect(rules).toEqual([]);
  Annotations.fromStack(made.stack).hasWarning("*", Match.stringLikeRegexp("has a schedule that its syntax"));
});

test("a wrong schedule is refused at synth", () => {
  expect(() => rulesOf(job(""), { schedule: "0 25 * * *" })).toThrow(
    'nightly: schedule "0 25 * * *": "25" is not',
  );
  expect(() => rulesOf(job(""), { schedule: { cron: "0 3 * * *", overlap: "both" as "skip" } })).toThrow(
    'nightly: schedule.overlap has to be "skip" or "queue", but is "both".',
  );
});

test.for<[string, string[]]>([
  ["* * * * *", ["* * * * ? *"]],
  ["*/15 8-18 * * mon-fri", ["0,15,30,45 8-18 ? * 2-6 *"]],
  ["0 0 1,15 * *", ["0 0 1,15 * ? *"]],
  ["0 0 13 * 5", ["0 0 13 * ? *", "0 0 ? * 6 *"]],
  ["0 0 * * 0,7", ["0 0 ? * 1 *"]],
  ["0 0 1 1,6-8 *", ["0 0 1 1,6-8 ? *"]],
])("%s is %j for EventBridge", ([cron, expected]) => {
  expect(awsCrons("job", cron)).toEqual(expected);
});

test("a schedule that EventBridge cannot say is refused", () => {
  expect(() => awsCrons("job", "0 0 */2 * 1")).toThrow("which EventBridge cannot say");
});
