/** Queues, bucket and table: how long things live, who may read them, what happens when something fails. */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, test } from "vitest";
import { endOf, fanjoinWith, onlyOf, resourcesOf, shown, templateOf } from "../synth.ts";
import type { Loose } from "../synth.ts";

const template = templateOf(fanjoinWith());
const DAY_S = 86_400;

describe("queues", () => {
  const queues = resourcesOf(template, "AWS::SQS::Queue");

  test("there is one for the coordinator, one for each function of a job that a queue wakes, and one for dead letters", () => {
    const names = [...queues.values()].map((queue) => String(queue["QueueName"]));
    expect(names.toSorted()).toEqual([
      "shop-coordinator",
      "shop-dead-letter",
      "shop-primes-join",
      "shop-word-count-join",
      "shop-word-count-worker",
    ]);
  });

  test("what was received three times in vain goes to the dead letters", () => {
    const { DeadLetters: last, ...others } = Object.fromEntries(queues);
    expect(last?.["RedrivePolicy"]).toBeUndefined();
    for (const { RedrivePolicy: redrive } of Object.values(others)) {
      expect(redrive).toMatchObject({ maxReceiveCount: 3 });
      expect(shown(redrive.deadLetterTargetArn)).toBe("DeadLetters");
    }
  });

  test("messages stay hidden for longer than their function may take", () => {
    const functions = resourcesOf(template, "AWS::Lambda::Function");
    for (const mapping of resourcesOf(template, "AWS::Lambda::EventSourceMapping").values()) {
      const queue = queues.get(shown(mapping["EventSourceArn"]));
      const woken = functions.get(shown(mapping["FunctionName"]));
      expect(queue?.["VisibilityTimeout"]).toBe(woken?.["Timeout"] + 30);
    }
  });

  test("are encrypted, and speak TLS only", () => {
    for (const queue of queues.values()) expect(queue["SqsManagedSseEnabled"]).toBe(true);
    const policies = [...resourcesOf(template, "AWS::SQS::QueuePolicy").values()];
    expect(policies).toHaveLength(queues.size);
    for (const policy of policies)
      expect(policy["PolicyDocument"].Statement).toContainEqual(DENY_PLAIN("sqs:*"));
  });

  test("only announcements of buckets of this account come from outside", () => {
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

function DENY_PLAIN(action: string): unknown {
  return expect.objectContaining({
    Action: action,
    Effect: "Deny",
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  });
}

describe("time", () => {
  test("messages live shorter than the ledger's records, and those shorter than what attempts wrote", () => {
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

  test("records that live no longer than messages are refused", () => {
    expect(() => fanjoinWith(() => ({ retentionDays: 14 }))).toThrow(
      "retentionDays has to be a whole number from 15 to 3650, but is 14.",
    );
  });
});

describe("bucket", () => {
  const [bucket = {}] = resourcesOf(template, "AWS::S3::Bucket").values();

  test("is open to nobody, encrypted, and speaks TLS only", () => {
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
    expect(policy?.["PolicyDocument"].Statement).toContainEqual(DENY_PLAIN("s3:*"));
  });

  test("keeps inputs and results, and neither attempts nor unfinished uploads", () => {
    expect(rules(template)).toEqual({ "unfinished-uploads": "aborted after 1", attempts: 44 });
  });

  test("inputs and results expire when that is asked for", () => {
    const { stack } = fanjoinWith(() => ({ inputRetentionDays: 3, resultRetentionDays: 90 }));
    expect(rules(templateOf({ stack }))).toMatchObject({ uploads: 3, inputs: 3, batches: 90 });
  });

  test("announces uploads, and nothing else, to the coordinator", () => {
    const { QueueConfigurations: announced } = bucket["NotificationConfiguration"];
    expect(announced).toHaveLength(1);
    expect(announced[0]).toMatchObject({
      Event: "s3:ObjectCreated:*",
      Filter: { S3Key: { Rules: [{ Name: "prefix", Value: "uploads/" }] } },
    });
    expect(shown(announced[0].Queue)).toBe("CoordinatorQueue");
  });

  test("is made after the policy that lets it announce", () => {
    const [found] = Object.values(template.findResources("AWS::S3::Bucket")) as { DependsOn?: string[] }[];
    expect(found?.DependsOn?.join()).toContain("CoordinatorQueuePolicy");
  });

  test("web pages may upload only from the origins that are named", () => {
    expect(bucket["CorsConfiguration"]).toBeUndefined();
    const open = templateOf(fanjoinWith(() => ({ uploadOrigins: ["https://shop.example"] })));
    expect(onlyOf(open, "AWS::S3::Bucket")).toMatchObject({
      CorsConfiguration: {
        CorsRules: [{ AllowedOrigins: ["https://shop.example"], AllowedMethods: ["PUT", "GET", "HEAD"] }],
      },
    });
  });

  test("its accesses are logged where the user says", () => {
    const logged = templateOf(
      fanjoinWith((scope) => ({ accessLogsBucket: Bucket.fromBucketName(scope, "Logs", "all-logs") })),
    );
    expect(onlyOf(logged, "AWS::S3::Bucket")).toMatchObject({
      LoggingConfiguration: { DestinationBucketName: "all-logs", LogFilePrefix: "shop/" },
    });
  });
});

function rules(of: typeof template): { [id: string]: unknown } {
  const [bucket] = resourcesOf(of, "AWS::S3::Bucket").values();
  return Object.fromEntries(
    bucket?.["LifecycleConfiguration"].Rules.map((rule: Loose) => [
      rule.Id,
      rule.ExpirationInDays ?? `aborted after ${rule.AbortIncompleteMultipartUpload.DaysAfterInitiation}`,
    ]),
  );
}

describe("table", () => {
  test("has the ledger's key, expires records, can be restored, and is billed by request", () => {
    expect(onlyOf(template, "AWS::DynamoDB::Table")).toMatchObject({
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      BillingMode: "PAY_PER_REQUEST",
      SSESpecification: { SSEEnabled: true },
    });
  });

  test.for(["listed", "open"])("has the index %s, of keys only", (name) => {
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
  test("table and bucket stay", () => {
    expect(endOf(template, "AWS::DynamoDB::Table")).toBe("Retain");
    expect(endOf(template, "AWS::S3::Bucket")).toBe("Retain");
  });

  test("they go, with all objects, if that is asked for", () => {
    const gone = templateOf(
      fanjoinWith(() => ({ removalPolicy: RemovalPolicy.DESTROY, deleteObjects: true })),
    );
    expect(endOf(gone, "AWS::DynamoDB::Table")).toBe("Delete");
    expect(endOf(gone, "AWS::S3::Bucket")).toBe("Delete");
    expect(resourcesOf(gone, "Custom::S3AutoDeleteObjects").size).toBe(1);
  });

  test("objects cannot go without their bucket", () => {
    expect(() => fanjoinWith(() => ({ deleteObjects: true }))).toThrow(
      "needs removalPolicy: RemovalPolicy.DESTROY",
    );
  });
});

test("a stack of another size of coordinator hides its messages for as long", () => {
  const small = templateOf(fanjoinWith(() => ({ coordinator: { timeout: Duration.seconds(20) } })));
  expect(resourcesOf(small, "AWS::SQS::Queue").get("CoordinatorQueue")).toMatchObject({
    QueueName: "shop-coordinator",
    VisibilityTimeout: 50,
  });
});
