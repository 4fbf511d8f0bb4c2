/** The settings of a whole deployment: its name, its retention times, its key. */
import { RemovalPolicy, Stack, Token } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { allowServices } from "./encryption.ts";
import { invalid, wholeNumber } from "./check-props.ts";

export interface DeploymentProps {
  /**
   * The prefix of the names of all functions and queues: letters, digits and dashes. By default the stack's
   * name.
   */
  readonly name?: string | undefined;
  /**
   * How many days a batch can be shown and redriven after its last change: 30 by default. At least 15,
   * because messages live for 14 days.
   */
  readonly retentionDays?: number | undefined;
  /** How long logs are kept: one month by default. */
  readonly logRetention?: RetentionDays | undefined;
  /**
   * The key that encrypts table, bucket, queues, logs and the functions' environments. By default AWS manages
   * the keys.
   */
  readonly encryptionKey?: IKey | undefined;
  /** Whether table and bucket are deleted with the stack. By default they are kept. */
  readonly removalPolicy?: RemovalPolicy | undefined;
  /** `true`: the functions and the API are traced with X-Ray. */
  readonly tracing?: boolean | undefined;
}

/** `DeploymentProps` with all defaults filled in. */
export interface Deployment {
  readonly name: string;
  readonly retentionDays: number;
  readonly logRetention: RetentionDays;
  readonly key: IKey | null;
  readonly removalPolicy: RemovalPolicy;
  readonly tracing: boolean;
}

/**
 * The longest time that SQS keeps a message, so no batch can last longer. The ledger's records and the
 * objects of attempts are kept longer than this.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 */
export const QUEUE_RETENTION_DAYS = 14;
/** The prefix leaves room for a job's name within the longest names of functions and queues. */
const NAME = /^[A-Za-z][A-Za-z0-9-]{0,39}$/;
const TEN_YEARS = 3650;

/** Fills in the defaults. Throws `JOB_INVALID` for an invalid name or retention. */
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

function nameOf(scope: Construct, option: string | undefined): string {
  const name = option ?? Stack.of(scope).stackName;
  if (!Token.isUnresolved(name) && NAME.test(name)) return name;
  const shown = Token.isUnresolved(name) ? "not known before the deployment" : JSON.stringify(name);
  throw invalid(
    `name (by default the stack's name) has to be 1 to 40 letters, digits and dashes, beginning with a letter, but is ${shown}. Set the construct's property name.`,
  );
}
