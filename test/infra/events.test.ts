import { SnsTopic } from "aws-cdk-lib/aws-events-targets";
import { Topic } from "aws-cdk-lib/aws-sns";
import { expect, test } from "vitest";
import { BATCH_ENDED, EVENT_SOURCE } from "../../src/aws/put-event.ts";
import { fanjoinWith, resourcesOf, templateOf } from "./synth.ts";

test("onEnded tells a target of the ends of this stack, of these jobs and states", () => {
  const made = fanjoinWith();
  const topic = new SnsTopic(new Topic(made.stack, "Topic", { enforceSSL: true }));
  made.fanjoin.onEnded(topic);
  made.fanjoin.onEnded(topic, { id: "Failed", jobs: ["primes"], states: ["failed", "cancelled"] });
  const rules = resourcesOf(templateOf(made), "AWS::Events::Rule");
  const pattern = { source: [EVENT_SOURCE], "detail-type": [BATCH_ENDED] };
  expect(rules.get("Ended")?.["EventPattern"]).toEqual({ ...pattern, detail: { stack: ["shop"] } });
  expect(rules.get("Failed")?.["EventPattern"]).toEqual({
    ...pattern,
    detail: { stack: ["shop"], job: ["primes"], state: ["failed", "cancelled"] },
  });
});

test("a state in which no batch ends is refused", () => {
  const { stack, fanjoin } = fanjoinWith();
  const topic = new SnsTopic(new Topic(stack, "Topic"));
  expect(() => fanjoin.onEnded(topic, { states: ["running"] })).toThrow(
    'onEnded: no batch ends in the state "running".',
  );
});
