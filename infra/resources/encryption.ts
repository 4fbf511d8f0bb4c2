/**
 * A customer's key: what the services that write on behalf of the stack have to be allowed, so that its
 * encrypted parts work.
 */
import { ArnFormat } from "aws-cdk-lib";
import type { Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";

/**
 * A key of another stack, or one that is known by its ARN only, cannot be given a policy from here: its owner
 * has to (docs/aws.md).
 */
export function allowServices(stack: Stack, key: IKey): void {
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: "Logs",
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
      resources: ["*"],
      conditions: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": logGroups(stack) } },
    }),
  );
  // Uploads are announced by S3 in an encrypted queue.
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: "Announcements",
      principals: [new ServicePrincipal("s3.amazonaws.com")],
      actions: ["kms:GenerateDataKey", "kms:Decrypt"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
    }),
  );
}

function logGroups(stack: Stack): string {
  return stack.formatArn({
    service: "logs",
    resource: "log-group",
    resourceName: "*",
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
