/** A Lambda function with its bundle, its role, its log group and the environment of all functions. */
import { RemovalPolicy } from "aws-cdk-lib";
import type { Duration } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Architecture, Function, RecursiveLoop, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import type { IDestination } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { suppress } from "./nag-suppressions.ts";
import { codeOf } from "./bundle.ts";
import type { FunctionName, JobCode } from "./bundle.ts";
import type { Deployment } from "./deployment.ts";

export interface FunctionSettings {
  readonly name: string;
  readonly description: string;
  readonly code: FunctionName;
  readonly job?: JobCode;
  readonly memory: number;
  readonly timeout: Duration;
  readonly environment?: { readonly [name: string]: string } | undefined;
  /**
   * For functions that are invoked asynchronously. Lambda does not retry; an event that failed or waited too
   * long goes to the destination, if there is one.
   */
  readonly asynchronous?: { readonly onFailure?: IDestination; readonly maxEventAge: Duration } | undefined;
  /**
   * Turns off Lambda's loop detection, which stops a message that comes back to the same function more than
   * 16 times.
   */
  readonly selfTriggering?: true;
  /** Reserved concurrency, which is also the function's maximum. */
  readonly reserved?: number | undefined;
}

/** Creates a function with a role of its own, which may only write the function's log. */
export function createFunction(
  scope: Construct,
  id: string,
  deployment: Deployment,
  settings: FunctionSettings,
): Function {
  const { name, memory, timeout, asynchronous, reserved } = settings;
  const { key, tracing } = deployment;
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  const made = new Function(scope, id, {
    functionName: name,
    description: settings.description,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: "index.handler",
    code: codeOf(scope, settings.code, settings.job ?? null),
    role,
    logGroup: createLog(scope, `${id}Log`, deployment, `/aws/lambda/${name}`),
    memorySize: memory,
    timeout,
    environment: {
      ...settings.environment,
      FANJOIN_NAME: deployment.name,
      FANJOIN_TIMEOUT_SECONDS: String(timeout.toSeconds()),
    },
    tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    ...(key && { environmentEncryption: key }),
    ...(settings.selfTriggering && { recursiveLoop: RecursiveLoop.ALLOW }),
    ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
    ...(asynchronous && { retryAttempts: 0, ...asynchronous }),
  });
  made.logGroup.grantWrite(role);
  if (key) useKey(made, key);
  if (tracing) suppress(role, "X-Ray's actions know no resources.", "IAM5[Resource::*]");
  return made;
}

/**
 * Creates a log group. It is deleted with the stack, so that the stack can be deployed again under its names.
 */
export function createLog(scope: Construct, id: string, deployment: Deployment, name?: string): LogGroup {
  const { key, logRetention } = deployment;
  return new LogGroup(scope, id, {
    ...(name !== undefined && { logGroupName: name }),
    retention: logRetention,
    ...(key && { encryptionKey: key }),
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/** Functions that use the encrypted table, bucket and queues need the key. */
function useKey(user: Function, key: IKey): void {
  key.grantEncryptDecrypt(user);
  user.addToRolePolicy(new PolicyStatement({ actions: ["kms:DescribeKey"], resources: [key.keyArn] }));
  const reason = "DynamoDB asks for these families of actions, on the customer's one key.";
  if (user.role)
    suppress(user.role, reason, "IAM5[Action::kms:GenerateDataKey*]", "IAM5[Action::kms:ReEncrypt*]");
}
