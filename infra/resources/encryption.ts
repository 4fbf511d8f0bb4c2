/**
 * The policy of a customer's key: it allows the services that write on behalf of the stack to use the key.
 */
import { ArnFormat } from "aws-cdk-lib";
import type { Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";

/**
 * Allows CloudWatch Logs and S3 to use the key. It has no effect on an imported key: the key's owner has to
 * extend its policy (docs/aws.md).
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
  // S3 announces uploads in an encrypted queue.
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
