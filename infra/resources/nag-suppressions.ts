/**
 * Findings of cdk-nag that are accepted, each where it arises and with its reason: they travel with the
 * construct into users' apps.
 */
import { Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

export function accept(construct: IConstruct, reason: string, ...findings: readonly string[]): void {
  for (const id of findings) Validations.of(construct).acknowledge({ id: `AwsSolutions-${id}`, reason });
}

/** A permission for all resources that begin as `arn` does. */
export function acceptWildcard(construct: IConstruct, reason: string, arn: string): void {
  const written: unknown = Stack.of(construct).resolve(arn);
  accept(construct, reason, `IAM5[Resource::${asFound(written)}]`);
}

/** A reference as cdk-nag writes it into the name of a finding. */
function asFound(written: unknown): string {
  if (typeof written === "string") return written;
  const reference = written as { "Fn::Join"?: [string, unknown[]]; "Fn::GetAtt"?: string[]; Ref?: string };
  const [between, parts] = reference["Fn::Join"] ?? [];
  if (parts) return parts.map(asFound).join(between);
  return `<${reference["Fn::GetAtt"]?.join(".") ?? reference.Ref}>`;
}
