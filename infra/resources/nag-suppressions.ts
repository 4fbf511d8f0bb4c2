/**
 * Suppressions of cdk-nag's findings. Each is made where the finding arises and gives its reason, so it also
 * applies in users' apps.
 */
import { Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Suppresses findings of a construct; `findings` are rules of AwsSolutions without that prefix. */
export function suppress(construct: IConstruct, reason: string, ...findings: readonly string[]): void {
  for (const id of findings) Validations.of(construct).acknowledge({ id: `AwsSolutions-${id}`, reason });
}

/** Suppresses the finding about a permission for all resources that match `arn`. */
export function suppressWildcard(construct: IConstruct, reason: string, arn: string): void {
  const resolved: unknown = Stack.of(construct).resolve(arn);
  suppress(construct, reason, `IAM5[Resource::${findingText(resolved)}]`);
}

/** A resolved ARN in the form that cdk-nag uses in the name of a finding. */
function findingText(resolved: unknown): string {
  if (typeof resolved === "string") return resolved;
  const reference = resolved as { "Fn::Join"?: [string, unknown[]]; "Fn::GetAtt"?: string[]; Ref?: string };
  const [between, parts] = reference["Fn::Join"] ?? [];
  if (parts) return parts.map(findingText).join(between);
  return `<${reference["Fn::GetAtt"]?.join(".") ?? reference.Ref}>`;
}
