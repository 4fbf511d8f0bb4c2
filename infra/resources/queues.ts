/** Queues: how long messages live, when they come back, and who may use them. */
import { ArnFormat, Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { MAX_RECEIVES } from "../../src/core/records/message.ts";
import { QUEUE_RETENTION_DAYS } from "./deployment.ts";
import type { Deployment } from "./deployment.ts";

/** A function that was cut off at its timeout has let go of its messages before they come back. */
const VISIBILITY_MARGIN_S = 30;

export interface QueueSettings {
  readonly name: string;
  /** How long a message is hidden once it was received: longer than the function may take. */
  readonly visibility: Duration;
  /** Where messages go that exhausted their receives; `null` for the dead letters themselves. */
  readonly deadLetters: Queue | null;
}

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

/** How long messages are hidden from a function with this timeout. */
export function visibilityFor(timeout: Duration): Duration {
  return Duration.seconds(timeout.toSeconds() + VISIBILITY_MARGIN_S);
}

/** Messages of `queue` wake `woken`, which reports those that it could not do. */
export function wake(woken: Function, queue: Queue, batchSize: number, maxConcurrency: number): void {
  woken.addEventSource(
    new SqsEventSource(queue, { batchSize, maxConcurrency, reportBatchItemFailures: true }),
  );
}

/**
 * The bucket's announcements. Its ARN cannot be named here: the queue's policy has to be there before the
 * bucket is.
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

/** Lets a function send to queues, whose URLs it works out from the coordinator's. */
export function maySend(sender: Function, ...queues: readonly Queue[]): void {
  sender.addToRolePolicy(
    new PolicyStatement({ actions: ["sqs:SendMessage"], resources: queues.map((queue) => queue.queueArn) }),
  );
}

/** Lets a function wake the coordinator, and tells it where. */
export function mayWakeCoordinator(sender: Function, coordinator: Queue): void {
  sender.addEnvironment("FANJOIN_QUEUE_URL", coordinator.queueUrl);
  maySend(sender, coordinator);
}
