/**
 * cdk-nag's AwsSolutions rules, and CloudFormation's own, over the app of the examples and over its options.
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

/** What the rules find, each with the resource that it is about. */
function findings(app: App): string[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const code = process.exitCode;
  try {
    app.synth();
  } catch {
    // The report says more.
  }
  process.exitCode = code;
  const report = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8"));
  return report.pluginReports.flatMap((plugin: Loose) =>
    plugin.violations.flatMap((violation: Loose) =>
      violation.violatingConstructs.map((one: Loose) => `${violation.ruleName} ${one.constructPath}`),
    ),
  );
}

test("the examples' app has no finding without a reason", () => {
  const app = bareApp(context);
  new ExamplesStack(app, "fanjoin");
  expect(findings(app)).toEqual([]);
});

test(
  "neither has a stack with all options, nor does CloudFormation complain of it",
  { timeout: 180_000 },
  () => {
    const { app } = fanjoinWith(
      (scope) => ({
        apiKey: true,
        tracing: true,
        encryptionKey: new Key(scope, "Key", { enableKeyRotation: true }),
        readableBuckets: ["others-data", Bucket.fromBucketArn(scope, "Data", "arn:aws:s3:::more-data")],
      }),
      bareApp(context, true),
    );
    expect(findings(app)).toEqual([]);
  },
);

test("what is not accepted is found", () => {
  const { app, stack } = fanjoinWith();
  new Bucket(stack, "Open");
  expect(findings(app).join("\n")).toContain("AwsSolutions-S10 shop/Open/Resource");
});
