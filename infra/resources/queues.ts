/** Queues: retention, visibility, dead letters, and permissions. */
import { ArnFormat, Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { MAX_RECEIVES } from "../../src/core/records/message.ts";
import { QUEUE_RETENTION_DAYS } from "./deployment.ts";
import type { Deployment } from "./deployment.ts";

/** Added to the function's timeout: a message must not be delivered again before its function has ended. */
const VISIBILITY_MARGIN_S = 30;

export interface QueueSettings {
  readonly name: string;
  /** The visibility timeout: longer than the function's timeout. */
  readonly visibility: Duration;
  /** The queue for messages that exhausted their receives; `null` for the dead letters themselves. */
  readonly deadLetters: Queue | null;
}

/** Creates an encrypted queue that only accepts TLS. */
export function createQueue(
  scope: Construct,
  id: string,
  { key }: Deployment,
  { name, visibility, deadLetters }: QueueSettings,
): Queue {
  return new Queue(scope, id, {
    queueName: name,
    visibilityTimeout: visibility,
    retentionPeriod: Duration.days(QUEUE_RETENTION_DAYS),
    enforceSSL: true,
    ...(key
      ? { encryption: QueueEncryption.KMS, encryptionMasterKey: key }
      : { encryption: QueueEncryption.SQS_MANAGED }),
    ...(deadLetters && { deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVES } }),
  });
}

/** The default visibility timeout for a function with this timeout. */
export function visibilityFor(timeout: Duration): Duration {
  return Duration.seconds(timeout.toSeconds() + VISIBILITY_MARGIN_S);
}

/** Makes messages of `queue` invoke `consumer`, which reports the messages that failed. */
export function wake(consumer: Function, queue: Queue, batchSize: number, maxConcurrency: number): void {
  consumer.addEventSource(
    new SqsEventSource(queue, { batchSize, maxConcurrency, reportBatchItemFailures: true }),
  );
}

/**
 * Allows S3 to announce uploads. The policy cannot name the bucket's ARN, because it has to exist before the
 * bucket.
 */
export function allowAnnouncements(queue: Queue): void {
  const stack = Stack.of(queue);
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: "Announcements",
      principals: [new ServicePrincipal("s3.amazonaws.com")],
      actions: ["sqs:SendMessage"],
      resources: [queue.queueArn],
      conditions: {
        StringEquals: { "aws:SourceAccount": stack.account },
        ArnLike: {
          "aws:SourceArn": stack.formatArn({
            service: "s3",
            region: "",
            account: "",
            resource: "*",
            arnFormat: ArnFormat.NO_RESOURCE_NAME,
          }),
        },
      },
    }),
  );
}

/** Allows a function to send to queues. It derives their URLs from the URL of the coordinator's queue. */
export function maySend(sender: Function, ...queues: readonly Queue[]): void {
  sender.addToRolePolicy(
    new PolicyStatement({ actions: ["sqs:SendMessage"], resources: queues.map((queue) => queue.queueArn) }),
  );
}

/** Allows a function to send to the coordinator's queue, and sets the queue's URL in its environment. */
export function mayWakeCoordinator(sender: Function, coordinator: Queue): void {
  sender.addEnvironment("FANJOIN_QUEUE_URL", coordinator.queueUrl);
  maySend(sender, coordinator);
}
