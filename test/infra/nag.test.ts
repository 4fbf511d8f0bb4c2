/**
 * Checks the examples' app, and a stack with all options, against cdk-nag's AwsSolutions and CloudFormation's
 * own rules.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Validations } from "aws-cdk-lib";
import type { App } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { ExamplesStack } from "../../infra/stack.ts";
import { bareApp, fanjoinWith } from "./synth.ts";
import type { Loose } from "./synth.ts";

const ROOT = join(import.meta.dirname, "../..");
const { context } = JSON.parse(readFileSync(join(ROOT, "cdk.json"), "utf8")) as { context: object };

/** The findings, each as the rule's name and the construct's path. */
function findings(app: App): string[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const code = process.exitCode;
  try {
    app.synth();
  } catch {
    // Synthesis throws if there are findings; the report lists them.
  }
  process.exitCode = code;
  const report = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8"));
  return report.pluginReports.flatMap((plugin: Loose) =>
    plugin.violations.flatMap((violation: Loose) =>
      violation.violatingConstructs.map((one: Loose) => `${violation.ruleName} ${one.constructPath}`),
    ),
  );
}

test("the examples' app has no unsuppressed finding", () => {
  const app = bareApp(context);
  new ExamplesStack(app, "fanjoin");
  expect(findings(app)).toEqual([]);
});

test(
  "a stack with all options has no unsuppressed finding, of cdk-nag or of CloudFormation",
  { timeout: 180_000 },
  () => {
    const { app } = fanjoinWith(
      (scope) => ({
        apiKey: true,
        tracing: true,
        apiOrigins: ["https://shop.example", "https://other.example"],
        encryptionKey: new Key(scope, "Key", { enableKeyRotation: true }),
        readableBuckets: ["others-data", Bucket.fromBucketArn(scope, "Data", "arn:aws:s3:::more-data")],
      }),
      bareApp(context, true),
    );
    expect(findings(app)).toEqual([]);
  },
);

test("an unsuppressed finding is reported", () => {
  const { app, stack } = fanjoinWith();
  new Bucket(stack, "Open");
  expect(findings(app).join("\n")).toContain("AwsSolutions-S10 shop/Open/Resource");
});
