/** Events of the end of batches, on the default event bus of the account. */
import { ArnFormat, Stack } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import type { IRuleTarget } from "aws-cdk-lib/aws-events";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { BatchState } from "../../src/core/records/batch/batch.ts";
import type { Deployment } from "./deployment.ts";
import { invalid } from "./check-props.ts";

/** The same in `src/aws/put-event.ts`, which a template must not load. */
const SOURCE = "fanjoin";
const DETAIL_TYPE = "Batch ended";

/** Of which ends a target is told. By default of all. */
export interface EndedProps {
  /** The id of the rule in the stack; needed for a second one. */
  readonly id?: string | undefined;
  /** Names of jobs. */
  readonly jobs?: readonly string[] | undefined;
  /** `failed`, `completed-with-failures` and others. */
  readonly states?: readonly BatchState[] | undefined;
}

const ENDED: readonly unknown[] = [
  "succeeded",
  "completed-with-failures",
  "failed",
  "cancelled",
] satisfies BatchState[];

/** Throws `JOB_INVALID` for a state in which no batch ends. */
export function endedRule(
  scope: Construct,
  { name }: Deployment,
  target: IRuleTarget,
  { id = "Ended", jobs, states }: EndedProps,
): Rule {
  const wrong = states?.find((state) => !ENDED.includes(state));
  if (wrong !== undefined) throw invalid(`onEnded: no batch ends in the state ${JSON.stringify(wrong)}.`);
  return new Rule(scope, id, {
    description: `Batches of ${name} that have ended`,
    eventPattern: {
      source: [SOURCE],
      detailType: [DETAIL_TYPE],
      detail: {
        stack: [name],
        ...(jobs && { job: [...jobs] }),
        ...(states && { state: [...states] }),
      },
    },
    targets: [target],
  });
}

/** Allows a function to put events of this kind, and no others. */
export function mayPutEvents(sender: Function): void {
  const bus = Stack.of(sender).formatArn({
    service: "events",
    resource: "event-bus",
    resourceName: "default",
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  sender.addToRolePolicy(
    new PolicyStatement({
      actions: ["events:PutEvents"],
      resources: [bus],
      conditions: {
        StringEquals: { "events:source": SOURCE, "events:detail-type": DETAIL_TYPE },
      },
    }),
  );
}
