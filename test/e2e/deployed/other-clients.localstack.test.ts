/**
 * Drives the deployed stack with tools that do not know fanjoin: boto3 and the AWS CLI, as installed together
 * with LocalStack.
 */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { installHome } from "../../localstack/bring-up/install.ts";
import { deployed, eventually } from "./driver/deployed.ts";
import { deployedStack } from "./driver/deployed-stack.ts";
import { resultOf, rowsFor, textOf } from "../sales.ts";
import { uploadedBatches } from "./driver/uploaded-batches.ts";

const BIN = join(installHome(), "venv", "bin");
const ROWS = rowsFor(150);

/** Runs a program of that installation with `input`. Resolves with its standard output. */
function run(program: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(join(BIN, program), args, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(" ")}: ${stderr}`));
      else resolve(stdout);
    });
    child.stdin?.end(input);
  });
}

/** Skipped if LocalStack was not installed here, because then the tools are missing. */
describe.skipIf(!existsSync(join(BIN, "aws")))("without fanjoin", () => {
  test("boto3 submits a batch by the API, follows it, and starts another by an upload", async () => {
    const stack = await deployedStack();
    const folder = randomBytes(6).toString("hex");
    const script = fileURLToPath(new URL("with-boto3.py", import.meta.url));
    const printed = await run("python", [script, stack.api, stack.bucket, folder], textOf(ROWS));
    expect(JSON.parse(printed)).toMatchObject({
      state: "completed-with-failures",
      result: resultOf(ROWS),
      listed: true,
    });
    await expectUploaded(`uploads/sales/${folder}/sales.csv`);
  });

  test("the AWS CLI starts a batch by an upload, and shows it by the API", async () => {
    const { bucket, api } = await deployedStack();
    const key = `uploads/sales/${randomBytes(6).toString("hex")}/sales.csv`;
    await run("aws", ["s3", "cp", "-", `s3://${bucket}/${key}`], textOf(ROWS));
    const batch = await expectUploaded(key);
    const restApi = /execute-api\/([^/]+)/.exec(api)?.[1] ?? "";
    const resources = await run("aws", ["apigateway", "get-resources", "--rest-api-id", restApi], "");
    const { items } = JSON.parse(resources) as { items: { id: string; path: string }[] };
    const resource = items.find(({ path }) => /^\/batches\/\{\w+\}$/.test(path))?.id ?? "";
    const request = ["--rest-api-id", restApi, "--resource-id", resource, "--http-method", "GET"];
    const path = ["--path-with-query-string", `/batches/${batch}`];
    const printed = await run("aws", ["apigateway", "test-invoke-method", ...request, ...path], "");
    const { status, body } = JSON.parse(printed) as { status: number; body: string };
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ batch, job: "sales", items: { total: 150 } });
  });
});

async function expectUploaded(key: string): Promise<string> {
  const stack = await deployedStack();
  const batch = await eventually("the batch", async () => (await uploadedBatches(stack.table, key))[0]);
  expect((await deployed(stack).wait(batch)).items.total).toBe(ROWS.length);
  return batch;
}
