import { Duration, Stack } from "aws-cdk-lib";
import { AccountRootPrincipal, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, test } from "vitest";
import { codeHash } from "../../src/code-hash.ts";
import { Fanjoin } from "../../infra/fanjoin.ts";
import type { JobProps } from "../../infra/fanjoin.ts";
import { bareApp, example, jobFile, privilegesOf, resourcesOf, templateOf } from "./synth.ts";

const entry = example("word-count");

function fanjoin(stackName = "shop"): { readonly stack: Stack; readonly fanjoin: Fanjoin } {
  const stack = new Stack(bareApp(), stackName);
  return { stack, fanjoin: new Fanjoin(stack, "Fanjoin") };
}

const existing = fanjoin();
const adding = (name: string, props: Partial<JobProps>) => () =>
  existing.fanjoin.addJob(name, { entry, ...props });

describe("addJob refuses", () => {
  test.for([
    ["an unknown transport", { transport: "sns" }, 'transport has to be "sqs" or "invoke", but is "sns".'],
    [
      "a missing file",
      { entry: "jobs/nowhere.ts" },
      "jobs/nowhere.ts. A path is relative to the current directory",
    ],
    ["a directory", { entry: "examples" }, "but there is no file"],
    [
      "too little concurrency",
      { concurrency: 1 },
      "concurrency has to be a whole number from 2 to 1000, but is 1.",
    ],
    ["too much concurrency", { concurrency: 1001 }, "from 2 to 1000, but is 1001."],
    [
      "too little memory",
      { memory: 64 },
      "memory (in MB) has to be a whole number from 128 to 10240, but is 64.",
    ],
    [
      "too long a timeout",
      { timeout: Duration.minutes(16) },
      "timeout (in seconds) has to be a whole number from 1 to 900, but is 960.",
    ],
    [
      "a number as a timeout",
      { timeout: 5 },
      'x: timeout has to be a Duration, but is 5. Write Duration.seconds(5) or Duration.minutes(5), with import { Duration } from "aws-cdk-lib".',
    ],
    [
      "a text as the visibility timeout of the join function",
      { join: { visibilityTimeout: "5 min" } },
      'x: join: visibilityTimeout has to be a Duration, but is "5 min". Write Duration.seconds(30)',
    ],
    ["a text as memory", { memory: "1024" }, 'from 128 to 10240, but is "1024".'],
    [
      "a visibility timeout below the timeout",
      { timeout: Duration.minutes(2), visibilityTimeout: Duration.minutes(1) },
      "visibilityTimeout has to be from 120 s (the timeout) to 12 hours, but is 60 s",
    ],
    ["a wrong size of the join function", { join: { memory: 1 } }, "x: join: memory (in MB) has to be"],
    [
      "a reserved variable",
      { environment: { FANJOIN_TABLE: "mine" } },
      "environment may not set FANJOIN_TABLE",
    ],
  ] as const)("%s", ([, props, message]) => {
    expect(adding("x", props as unknown as Partial<JobProps>)).toThrow(message);
  });

  test.for(["Sales", "sales by country", "", "-x", "a".repeat(64)])("the name %j", (name) => {
    expect(adding(name, {})).toThrow("A job's name has to be 1 to 63 lower-case letters, digits and dashes");
  });

  test("two jobs of one name", () => {
    const { fanjoin: fresh } = fanjoin();
    fresh.addJob("sales", { entry: jobFile("sales") });
    expect(() => fresh.addJob("sales", { entry: jobFile("sales") })).toThrow(
      "There are two jobs of the name sales",
    );
  });

  test("a stack's name that cannot be a prefix of functions' names", () => {
    const stack = new Stack(bareApp(), "Stack", { stackName: `a${"-long".repeat(10)}` });
    expect(() => new Fanjoin(stack, "Fanjoin")).toThrow("has to be 1 to 40 letters, digits and dashes");
    expect(() => new Fanjoin(stack, "Named", { name: "short" })).not.toThrow();
  });
});

describe("a deployed job", () => {
  test("has the given sizes and concurrency", () => {
    const { stack, fanjoin: sized } = fanjoin();
    sized.addJob("sales", {
      entry: jobFile("sales"),
      memory: 1769,
      timeout: Duration.seconds(40),
      concurrency: 7,
      visibilityTimeout: Duration.seconds(41),
      join: { memory: 2048, concurrency: 3 },
      environment: { SHOP: "north" },
    });
    const template = templateOf({ stack });
    const functions = resourcesOf(template, "AWS::Lambda::Function");
    expect(functions.get("salesWorker")).toMatchObject({
      FunctionName: "shop-sales-worker",
      MemorySize: 1769,
      Timeout: 40,
      Environment: { Variables: { SHOP: "north", FANJOIN_TIMEOUT_SECONDS: "40" } },
    });
    expect(functions.get("salesJoin")).toMatchObject({
      FunctionName: "shop-sales-join",
      MemorySize: 2048,
      Environment: { Variables: { SHOP: "north" } },
    });
    expect(resourcesOf(template, "AWS::SQS::Queue").get("salesWorkerQueue")).toMatchObject({
      QueueName: "shop-sales-worker",
      VisibilityTimeout: 41,
    });
    const limits = [...resourcesOf(template, "AWS::Lambda::EventSourceMapping").values()].map(
      (one) => one["ScalingConfig"].MaximumConcurrency,
    );
    expect(limits).toEqual(expect.arrayContaining([7, 3]));
  });

  test("reserves concurrency for direct invocations only if it is given", () => {
    const { stack, fanjoin: direct } = fanjoin();
    direct.addJob("free", { entry: jobFile("free"), transport: "invoke" });
    direct.addJob("bounded", { entry: jobFile("bounded"), transport: "invoke", concurrency: 5 });
    const reserved = [...resourcesOf(templateOf({ stack }), "AWS::Lambda::Function")].flatMap(([id, one]) =>
      one["ReservedConcurrentExecutions"] === undefined ? [] : [[id, one["ReservedConcurrentExecutions"]]],
    );
    expect(reserved).toEqual([["boundedWorker", 5]]);
  });

  test("has distinct names even if long names are cut", () => {
    const { stack, fanjoin: long } = fanjoin("a-stack-with-a-rather-long-name");
    for (const end of ["one", "two"]) {
      const name = `a-job-with-a-name-that-is-long-as-well-${end}`;
      long.addJob(name, { entry: jobFile(name) });
    }
    const names = [...resourcesOf(templateOf({ stack }), "AWS::Lambda::Function").values()].map(
      (one) => one["FunctionName"] as string,
    );
    expect(new Set(names).size).toBe(8);
    expect(names.every((name) => name.length <= 64)).toBe(true);
  });

  test("may have a URL as its entry", () => {
    const url = new URL("../../examples/word-count.ts", import.meta.url);
    expect(() => fanjoin().fanjoin.addJob("word-count", { entry: url })).not.toThrow();
  });
});

describe("a permission that is granted to a job", () => {
  test("is granted to both of its functions and to no other", () => {
    const { stack, fanjoin: owner } = fanjoin();
    const job = owner.addJob("sales", { entry: jobFile("sales") });
    const prices = new Bucket(stack, "Prices");
    prices.grantRead(job, "today/*");
    job.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["ses:SendEmail"], resources: ["*"] }),
    );
    const privileges = privilegesOf(templateOf({ stack }));
    for (const name of ["salesWorker", "salesJoin"]) {
      expect(privileges.get(name)).toContain("ses:SendEmail *");
      expect(privileges.get(name)?.join("\n")).toContain("s3:GetObject* Prices/today/*");
    }
    expect(privileges.get("Coordinator")?.join()).not.toContain("ses:SendEmail");
  });
});

test("a role can be allowed to send requests", () => {
  const { stack, fanjoin: open } = fanjoin();
  open.grantRequests(new Role(stack, "Caller", { assumedBy: new AccountRootPrincipal() }));
  const lines = privilegesOf(templateOf({ stack })).get("Caller")?.join("\n");
  expect(lines).toMatch(/^execute-api:Invoke arn:.*:Rest\/RestDeploymentStagev1\/\*\/\*$/);
});

test("a worker's environment has the hash of the job's code, as `run` makes it here", () => {
  const entry = example("bird-strikes");
  const { stack, fanjoin: made } = fanjoin("hashed");
  made.addJob("bird-strikes", { entry });
  const functions = [...resourcesOf(templateOf({ stack }), "AWS::Lambda::Function").values()];
  const hashes = functions.flatMap(({ Environment: environment }) => {
    const { FANJOIN_CODE: code } = (environment as { Variables: { [name: string]: unknown } }).Variables;
    return code === undefined ? [] : [code];
  });
  expect(hashes).toEqual([codeHash(entry)]);
  expect(codeHash(example("word-count"))).not.toBe(codeHash(entry));
});
