/** What all parts of one deployed fanjoin share: its name, how long things are kept, and with which key. */
import { RemovalPolicy, Stack, Token } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { allowServices } from "./encryption.ts";
import { invalid, wholeNumber } from "./check-props.ts";

export interface DeploymentProps {
  /**
   * What the names of all functions and queues begin with; by default the stack's name. Letters, digits and
   * dashes.
   */
  readonly name?: string | undefined;
  /**
   * How long a batch can be looked at and redriven after its last change: 30 days by default, 15 at least,
   * because messages live for 14.
   */
  readonly retentionDays?: number | undefined;
  /** How long logs are kept; a month by default. */
  readonly logRetention?: RetentionDays | undefined;
  /**
   * Encrypts table, bucket, queues, logs and the functions' environments in place of the keys that AWS
   * manages.
   */
  readonly encryptionKey?: IKey | undefined;
  /** What becomes of table and bucket when the stack is deleted; they are kept by default. */
  readonly removalPolicy?: RemovalPolicy | undefined;
  /** `true` = the functions and the API are traced with X-Ray. */
  readonly tracing?: boolean | undefined;
}

/** The same with all defaults filled in. */
export interface Deployment {
  readonly name: string;
  readonly retentionDays: number;
  readonly logRetention: RetentionDays;
  readonly key: IKey | null;
  readonly removalPolicy: RemovalPolicy;
  readonly tracing: boolean;
}

/**
 * The longest that SQS keeps a message: no batch can be longer. Ledger and attempts are kept for longer than
 * this. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 */
export const QUEUE_RETENTION_DAYS = 14;
/** Leaves room for a job's name before names are cut. */
const NAME = /^[A-Za-z][A-Za-z0-9-]{0,39}$/;
const TEN_YEARS = 3650;

export function deploymentOf(scope: Construct, props: DeploymentProps): Deployment {
  const key = props.encryptionKey ?? null;
  if (key) allowServices(Stack.of(scope), key);
  return {
    name: nameOf(scope, props.name),
    retentionDays: wholeNumber(
      props.retentionDays,
      "retentionDays",
      [QUEUE_RETENTION_DAYS + 1, TEN_YEARS],
      30,
    ),
    logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
    key,
    removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    tracing: props.tracing ?? false,
  };
}

function nameOf(scope: Construct, given: string | undefined): string {
  const name = given ?? Stack.of(scope).stackName;
  if (!Token.isUnresolved(name) && NAME.test(name)) return name;
  const shown = Token.isUnresolved(name) ? "not known before the deployment" : JSON.stringify(name);
  throw invalid(
    `name (by default the stack's name) has to be 1 to 40 letters, digits and dashes, a letter first, but is ${shown}. Give the construct a name of its own.`,
  );
}
