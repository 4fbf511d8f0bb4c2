/** Queues, bucket and table: retention, encryption, access, dead letters. */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Topic } from "aws-cdk-lib/aws-sns";
import { SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { describe, expect, test } from "vitest";
import { deletionPolicyOf, fanjoinWith, onlyOf, resourcesOf, shown, templateOf } from "../synth.ts";
import type { Loose } from "../synth.ts";

const template = templateOf(fanjoinWith());
const DAY_S = 86_400;

describe("queues", () => {
  const queues = resourcesOf(template, "AWS::SQS::Queue");

  test("exist for the coordinator, for dead letters, and for each function of a job that a queue invokes", () => {
    const names = [...queues.values()].map((queue) => String(queue["QueueName"]));
    expect(names.toSorted()).toEqual([
      "shop-coordinator",
      "shop-dead-letter",
      "shop-primes-join",
      "shop-word-count-join",
      "shop-word-count-worker",
    ]);
  });

  test("a message that failed three times goes to the dead letters", () => {
    const { DeadLetters: deadLetters, ...others } = Object.fromEntries(queues);
    expect(deadLetters?.["RedrivePolicy"]).toBeUndefined();
    for (const { RedrivePolicy: redrive } of Object.values(others)) {
      expect(redrive).toMatchObject({ maxReceiveCount: 3 });
      expect(shown(redrive.deadLetterTargetArn)).toBe("DeadLetters");
    }
  });

  test("hide messages for longer than their function's timeout", () => {
    const functions = resourcesOf(template, "AWS::Lambda::Function");
    for (const mapping of resourcesOf(template, "AWS::Lambda::EventSourceMapping").values()) {
      const queue = queues.get(shown(mapping["EventSourceArn"]));
      const consumer = functions.get(shown(mapping["FunctionName"]));
      expect(queue?.["VisibilityTimeout"]).toBe(consumer?.["Timeout"] + 30);
    }
  });

  test("are encrypted and accept only TLS", () => {
    for (const queue of queues.values()) expect(queue["SqsManagedSseEnabled"]).toBe(true);
    const policies = [...resourcesOf(template, "AWS::SQS::QueuePolicy").values()];
    expect(policies).toHaveLength(queues.size);
    for (const policy of policies)
      expect(policy["PolicyDocument"].Statement).toContainEqual(denyPlaintext("sqs:*"));
  });

  test("accept messages from outside only from buckets of this account", () => {
    const allowed = [...resourcesOf(template, "AWS::SQS::QueuePolicy").values()].flatMap((policy) =>
      policy["PolicyDocument"].Statement.filter((one: { Effect: string }) => one.Effect === "Allow"),
    );
    expect(allowed).toEqual([
      expect.objectContaining({
        Action: "sqs:SendMessage",
        Principal: { Service: "s3.amazonaws.com" },
        Condition: expect.objectContaining({
          StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } },
        }),
      }),
    ]);
  });
});

test("topics and rules of the user may announce uploads to the coordinator's queue", () => {
  const { stack, fanjoin } = fanjoinWith();
  new Topic(stack, "Topic").addSubscription(new SqsSubscription(fanjoin.coordinatorQueue));
  const eventPattern = { source: ["aws.s3"], detailType: ["Object Created"] };
  new Rule(stack, "Rule", { eventPattern, targets: [new SqsQueue(fanjoin.coordinatorQueue)] });
  const policy = resourcesOf(templateOf({ stack }), "AWS::SQS::QueuePolicy").get("CoordinatorQueuePolicy");
  const senders = policy?.["PolicyDocument"].Statement.flatMap((one: Loose) => one.Principal.Service ?? []);
  expect(senders).toEqual(["s3.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com"]);
});

/** Matches a statement that denies `action` without TLS. */
function denyPlaintext(action: string): unknown {
  return expect.objectContaining({
    Action: action,
    Effect: "Deny",
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  });
}

describe("retention", () => {
  test("objects of attempts outlive the ledger's records, and those outlive messages", () => {
    const { app, stack } = fanjoinWith(() => ({ retentionDays: 20 }));
    expect(app).toBeDefined();
    const template = templateOf({ stack });
    const queueDays = [...resourcesOf(template, "AWS::SQS::Queue").values()].map(
      (queue) => queue["MessageRetentionPeriod"] / DAY_S,
    );
    const [bucket] = resourcesOf(template, "AWS::S3::Bucket").values();
    const attempts = bucket?.["LifecycleConfiguration"].Rules.find(
      (rule: Loose) => rule.Prefix === "attempts/",
    );
    const ledgerDays = [...resourcesOf(template, "AWS::Lambda::Function").values()].map((one) =>
      Number(one["Environment"].Variables.FANJOIN_RETENTION_DAYS),
    );
    expect(new Set(queueDays)).toEqual(new Set([14]));
    expect(new Set(ledgerDays)).toEqual(new Set([20]));
    expect(attempts.ExpirationInDays).toBe(34);
  });

  test("a retention no longer than that of messages is refused", () => {
    expect(() => fanjoinWith(() => ({ retentionDays: 14 }))).toThrow(
      "retentionDays has to be a whole number from 15 to 3650, but is 14.",
    );
  });
});

describe("bucket", () => {
  const [bucket = {}] = resourcesOf(template, "AWS::S3::Bucket").values();

  test("is not public, is encrypted, and accepts only TLS", () => {
    expect(bucket["PublicAccessBlockConfiguration"]).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(onlyOf(template, "AWS::S3::Bucket")).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
    });
    const [policy] = resourcesOf(template, "AWS::S3::BucketPolicy").values();
    expect(policy?.["PolicyDocument"].Statement).toContainEqual(denyPlaintext("s3:*"));
  });

  test("keeps inputs and results, and expires attempts and unfinished uploads", () => {
    expect(rules(template)).toEqual({ "unfinished-uploads": "aborted after 1", attempts: 44 });
  });

  test("expires inputs and results if their retention is given", () => {
    const { stack } = fanjoinWith(() => ({ inputRetentionDays: 3, resultRetentionDays: 90 }));
    expect(rules(templateOf({ stack }))).toMatchObject({ uploads: 3, inputs: 3, batches: 90 });
  });

  test("announces only uploads to the coordinator", () => {
    const { QueueConfigurations: announced } = bucket["NotificationConfiguration"];
    expect(announced).toHaveLength(1);
    expect(announced[0]).toMatchObject({
      Event: "s3:ObjectCreated:*",
      Filter: { S3Key: { Rules: [{ Name: "prefix", Value: "uploads/" }] } },
    });
    expect(shown(announced[0].Queue)).toBe("CoordinatorQueue");
  });

  test("is created after the queue policy that allows its announcements", () => {
    const [found] = Object.values(template.findResources("AWS::S3::Bucket")) as { DependsOn?: string[] }[];
    expect(found?.DependsOn?.join()).toContain("CoordinatorQueuePolicy");
  });

  test("allows uploads of web pages only from the given origins", () => {
    expect(bucket["CorsConfiguration"]).toBeUndefined();
    const open = templateOf(fanjoinWith(() => ({ uploadOrigins: ["https://shop.example"] })));
    expect(onlyOf(open, "AWS::S3::Bucket")).toMatchObject({
      CorsConfiguration: {
        CorsRules: [{ AllowedOrigins: ["https://shop.example"], AllowedMethods: ["PUT", "GET", "HEAD"] }],
      },
    });
    const both = {
      uploadOrigins: ["https://shop.example"],
      apiOrigins: ["https://shop.example", "https://a.example"],
    };
    expect(onlyOf(templateOf(fanjoinWith(() => both)), "AWS::S3::Bucket")).toMatchObject({
      CorsConfiguration: {
        CorsRules: [{ AllowedOrigins: ["https://shop.example", "https://a.example"], AllowedHeaders: ["*"] }],
      },
    });
  });

  test("writes access logs to the given bucket", () => {
    const logged = templateOf(
      fanjoinWith((scope) => ({ accessLogsBucket: Bucket.fromBucketName(scope, "Logs", "all-logs") })),
    );
    expect(onlyOf(logged, "AWS::S3::Bucket")).toMatchObject({
      LoggingConfiguration: { DestinationBucketName: "all-logs", LogFilePrefix: "shop/" },
    });
  });
});

/** The lifecycle rules: days, by rule. */
function rules(source: typeof template): { [id: string]: unknown } {
  const [bucket] = resourcesOf(source, "AWS::S3::Bucket").values();
  return Object.fromEntries(
    bucket?.["LifecycleConfiguration"].Rules.map((rule: Loose) => [
      rule.Id,
      rule.ExpirationInDays ?? `aborted after ${rule.AbortIncompleteMultipartUpload.DaysAfterInitiation}`,
    ]),
  );
}

describe("table", () => {
  test("has the ledger's key, expires records, has point-in-time recovery, and is billed by request", () => {
    expect(onlyOf(template, "AWS::DynamoDB::Table")).toMatchObject({
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      BillingMode: "PAY_PER_REQUEST",
      SSESpecification: { SSEEnabled: true },
    });
  });

  test.for(["listed", "open"])("has the index %s with keys only", (name) => {
    expect(onlyOf(template, "AWS::DynamoDB::Table")).toMatchObject({
      GlobalSecondaryIndexes: expect.arrayContaining([
        {
          IndexName: name,
          KeySchema: [
            { AttributeName: name, KeyType: "HASH" },
            { AttributeName: "pk", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ]),
    });
  });
});

describe("when the stack is deleted", () => {
  test("table and bucket are kept by default", () => {
    expect(deletionPolicyOf(template, "AWS::DynamoDB::Table")).toBe("Retain");
    expect(deletionPolicyOf(template, "AWS::S3::Bucket")).toBe("Retain");
  });

  test("table, bucket and all objects are deleted if both options say so", () => {
    const destroyed = templateOf(
      fanjoinWith(() => ({ removalPolicy: RemovalPolicy.DESTROY, deleteObjects: true })),
    );
    expect(deletionPolicyOf(destroyed, "AWS::DynamoDB::Table")).toBe("Delete");
    expect(deletionPolicyOf(destroyed, "AWS::S3::Bucket")).toBe("Delete");
    expect(resourcesOf(destroyed, "Custom::S3AutoDeleteObjects").size).toBe(1);
  });

  test("deleteObjects is refused unless the bucket is deleted too", () => {
    expect(() => fanjoinWith(() => ({ deleteObjects: true }))).toThrow(
      "needs removalPolicy: RemovalPolicy.DESTROY",
    );
  });
});

test("the visibility timeout of the coordinator's queue follows the coordinator's timeout", () => {
  const small = templateOf(fanjoinWith(() => ({ coordinator: { timeout: Duration.seconds(20) } })));
  expect(resourcesOf(small, "AWS::SQS::Queue").get("CoordinatorQueue")).toMatchObject({
    QueueName: "shop-coordinator",
    VisibilityTimeout: 50,
  });
});
