/** Findings of cdk-nag that are accepted, each where it arises and with its reason: they travel with the construct into users' apps. */
import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

export function accept(construct: IConstruct, reason: string, ...findings: readonly string[]): void {
  for (const id of findings) Validations.of(construct).acknowledge({ id: `AwsSolutions-${id}`, reason });
}
