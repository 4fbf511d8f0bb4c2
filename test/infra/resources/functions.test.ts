/**
 * The functions: their triggers, environments, limits and logs; the customer's key, alarms and the dashboard.
 */
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { describe, expect, test } from "vitest";
import { fanjoinWith, onlyOf, resourcesOf, shown, templateOf } from "../synth.ts";
import type { Loose } from "../synth.ts";

const template = templateOf(fanjoinWith());
const functions = resourcesOf(template, "AWS::Lambda::Function");
const NAMES = {
  Api: "shop-api",
  Coordinator: "shop-coordinator",
  DeadLetter: "shop-dead-letter",
  Sweeper: "shop-sweeper",
  primesWorker: "shop-primes-worker",
  primesJoin: "shop-primes-join",
  wordcountWorker: "shop-word-count-worker",
  wordcountJoin: "shop-word-count-join",
};

test("a stack has four functions and two for each job, with names derived from stack and job", () => {
  const names = Object.fromEntries([...functions].map(([id, one]) => [id, one["FunctionName"]]));
  expect(names).toEqual(NAMES);
});

test("functions run on Node 24 on ARM, from one file each", () => {
  for (const one of functions.values()) {
    expect(one).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"], Handler: "index.handler" });
  }
});

test("Lambda's loop detection is off for functions that may invoke themselves", () => {
  const allowed = [...functions].flatMap(([id, one]) => (one["RecursiveLoop"] === "Allow" ? [id] : []));
  expect(allowed.toSorted()).toEqual(
    [
      "Coordinator",
      "DeadLetter",
      "primesJoin",
      "primesWorker",
      "wordcountJoin",
      "wordcountWorker",
    ].toSorted(),
  );
});

describe("triggers", () => {
  const mappings = [...resourcesOf(template, "AWS::Lambda::EventSourceMapping").values()];

  test("queues invoke functions with the expected batch size and concurrency, and failures are reported", () => {
    const woken = mappings.map(
      (one) => `${shown(one["FunctionName"])} ${one["BatchSize"]} ${one["ScalingConfig"].MaximumConcurrency}`,
    );
    expect(woken.toSorted()).toEqual([
      "Coordinator 1 20",
      "DeadLetter 10 2",
      "primesJoin 1 20",
      "wordcountJoin 1 20",
      "wordcountWorker 10 100",
    ]);
    for (const one of mappings) expect(one["FunctionResponseTypes"]).toEqual(["ReportBatchItemFailures"]);
  });

  test("direct invocations of a worker are not retried: failed ones go to the dead letters", () => {
    const [direct] = [...resourcesOf(template, "AWS::Lambda::EventInvokeConfig").values()].filter(
      (one) => shown(one["FunctionName"]) === "primesWorker",
    );
    expect(direct?.["MaximumRetryAttempts"]).toBe(0);
    expect(direct?.["MaximumEventAgeInSeconds"]).toBe(21_600);
    expect(shown(direct?.["DestinationConfig"].OnFailure.Destination)).toBe("DeadLetters");
  });

  test("the sweeper runs every minute", () => {
    expect(onlyOf(template, "AWS::Events::Rule")).toMatchObject({
      ScheduleExpression: "rate(1 minute)",
      State: "ENABLED",
    });
  });
});

describe("environments", () => {
  const environmentOf = (id: string): { [name: string]: string } =>
    functions.get(id)?.["Environment"].Variables;

  test.for(Object.keys(NAMES))("%s knows table, bucket, queue and its own timeout", (id) => {
    const variables = Object.fromEntries(
      Object.entries(environmentOf(id)).map(([name, value]) => [name, shown(value)]),
    );
    expect(variables).toMatchObject({
      FANJOIN_NAME: "shop",
      FANJOIN_TABLE: "Table",
      FANJOIN_BUCKET: "Bucket",
      FANJOIN_QUEUE_URL: "CoordinatorQueue",
      FANJOIN_RETENTION_DAYS: "30",
      FANJOIN_TIMEOUT_SECONDS: String(functions.get(id)?.["Timeout"]),
    });
  });

  test("functions that serve all jobs know each job's transport", () => {
    for (const id of ["Api", "Coordinator", "DeadLetter", "Sweeper"]) {
      expect(environmentOf(id)["FANJOIN_JOBS"]).toBe('{"primes":"invoke","word-count":"sqs"}');
    }
  });

  test("workers and joins know their job and its transport", () => {
    expect(environmentOf("primesJoin")).toMatchObject({ FANJOIN_JOB: "primes", FANJOIN_TRANSPORT: "invoke" });
    expect(environmentOf("wordcountWorker")).toMatchObject({
      FANJOIN_JOB: "word-count",
      FANJOIN_TRANSPORT: "sqs",
    });
  });
});

describe("logs", () => {
  const groups = resourcesOf(template, "AWS::Logs::LogGroup");

  test("each function has a log group, and all are kept for a month", () => {
    for (const [id, one] of functions) {
      expect(groups.get(`${id}Log`)?.["LogGroupName"]).toBe(`/aws/lambda/${one["FunctionName"]}`);
    }
    for (const group of groups.values()) expect(group["RetentionInDays"]).toBe(30);
  });
});

describe("a customer's key", () => {
  const own = templateOf(
    fanjoinWith((scope) => ({ encryptionKey: new Key(scope, "Key", { enableKeyRotation: true }) })),
  );
  const isKey = (value: unknown): void => expect(shown(value)).toBe(shown({ Ref: "Key961B73FD" }));

  test("encrypts table, bucket, queues, logs and the functions' environments", () => {
    isKey(onlyOf(own, "AWS::DynamoDB::Table")["SSESpecification"].KMSMasterKeyId);
    const [rule] = onlyOf(own, "AWS::S3::Bucket")["BucketEncryption"].ServerSideEncryptionConfiguration;
    expect(rule.ServerSideEncryptionByDefault.SSEAlgorithm).toBe("aws:kms");
    expect(rule.BucketKeyEnabled).toBe(true);
    isKey(rule.ServerSideEncryptionByDefault.KMSMasterKeyID);
    for (const queue of resourcesOf(own, "AWS::SQS::Queue").values()) isKey(queue["KmsMasterKeyId"]);
    for (const group of resourcesOf(own, "AWS::Logs::LogGroup").values()) isKey(group["KmsKeyId"]);
    for (const one of resourcesOf(own, "AWS::Lambda::Function").values()) isKey(one["KmsKeyArn"]);
  });

  test("can be used by every function, by CloudWatch Logs, and by S3 for its announcements", () => {
    const [key] = resourcesOf(own, "AWS::KMS::Key").values();
    const services = key?.["KeyPolicy"].Statement.flatMap((one: Loose) => shown(one.Principal.Service ?? ""));
    expect(services).toEqual(expect.arrayContaining(["logs.AWS::Region.amazonaws.com", "s3.amazonaws.com"]));
    const roles = [...resourcesOf(own, "AWS::IAM::Policy").values()];
    for (const role of roles) {
      expect(JSON.stringify(role["PolicyDocument"])).toContain("kms:GenerateDataKey*");
    }
  });
});

describe("alarms", () => {
  const alarms = resourcesOf(template, "AWS::CloudWatch::Alarm");

  test("cover every kind of failure", () => {
    const expected = [
      "ApiAlarm",
      "CoordinatorStuckAlarm",
      "DeadLettersAlarm",
      "DeadLettersStuckAlarm",
      "ErrorsAlarm",
      "ThrottlesAlarm",
      ...["Errors", "JoinStuck", "Late", "Throttles"].map((kind) => `primes${kind}Alarm`),
      ...["Errors", "JoinStuck", "Throttles", "WorkerStuck"].map((kind) => `wordcount${kind}Alarm`),
    ];
    expect([...alarms.keys()].toSorted()).toEqual(expected.toSorted());
  });

  test("a queue is stuck if messages wait, and none is deleted for longer than an invocation takes", () => {
    const alarm = alarms.get("wordcountWorkerStuckAlarm");
    const expressions = alarm?.["Metrics"].map(
      (metric: Loose) => metric.Expression ?? metric.MetricStat.Metric.MetricName,
    );
    expect(expressions).toEqual([
      "IF(waiting > 0 AND FILL(done, 0) == 0, 1, 0)",
      "ApproximateNumberOfMessagesVisible",
      "NumberOfMessagesDeleted",
    ]);
    // 330 s are two periods of five minutes.
    expect(alarm?.["EvaluationPeriods"]).toBe(4);
  });

  test("notify the topic, if there is one", () => {
    for (const alarm of alarms.values()) expect(alarm["AlarmActions"]).toBeUndefined();
    const withTopic = templateOf(fanjoinWith((scope) => ({ alarmTopic: new Topic(scope, "Topic") })));
    for (const alarm of resourcesOf(withTopic, "AWS::CloudWatch::Alarm").values()) {
      expect(alarm["AlarmActions"]).toHaveLength(1);
      expect(alarm["OKActions"]).toHaveLength(1);
    }
  });

  test("the dashboard shows the stack and each job", () => {
    const [dashboard] = resourcesOf(template, "AWS::CloudWatch::Dashboard").values();
    expect(dashboard?.["DashboardName"]).toBe("shop");
    for (const part of [
      "# shop",
      "## word-count",
      "## primes",
      "ConsumedWriteCapacityUnits",
      "ItemsFailed",
      "Items per second",
      "ChunksSettled",
      "ChunkTime",
      "p99",
      "BatchesEnded",
    ]) {
      expect(shown(dashboard?.["DashboardBody"])).toContain(part);
    }
  });
});

test("with tracing, functions and API are traced", () => {
  const traced = templateOf(fanjoinWith(() => ({ tracing: true })));
  for (const one of resourcesOf(traced, "AWS::Lambda::Function").values()) {
    expect(one["TracingConfig"]).toEqual({ Mode: "Active" });
  }
  expect(onlyOf(traced, "AWS::ApiGateway::Stage")).toMatchObject({ TracingEnabled: true });
});

test("the outputs are the API's URL and the names of bucket and table", () => {
  for (const name of ["FanjoinApiUrl", "FanjoinBucketName", "FanjoinTableName"])
    expect(template.findOutputs(name)).toHaveProperty(name);
  expect(Object.keys(template.findOutputs("*"))).toHaveLength(3);
});
