/** Deploys the end-to-end suite's stack with CDK, only to a LocalStack on this machine. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { localEnvironment } from "./guard.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CDK = join(createRequire(import.meta.url).resolve("aws-cdk/package.json"), "..", "bin", "cdk");
const APP = `"${process.execPath}" test/e2e/deployed/stack.ts`;

/**
 * Deploys the stack; `directory` receives CDK's output. Where there may be an older stack, it is destroyed
 * first, because LocalStack does not find the API after an update.
 */
export async function deploy(
  url: string,
  directory: string,
  { isFresh }: { readonly isFresh: boolean },
): Promise<void> {
  const assembly = join(directory, "cdk.out");
  await Promise.all([
    cdk(url, "bootstrap", "aws://000000000000/us-east-1"),
    cdk(url, "synth", "--app", APP, "--output", assembly, "--quiet"),
  ]);
  if (!isFresh) await destroy(url, directory);
  await cdk(url, "deploy", "--app", assembly, "--require-approval", "never", "--method", "direct", "--all");
}

export async function destroy(url: string, directory: string): Promise<void> {
  await cdk(url, "destroy", "--app", join(directory, "cdk.out"), "--force", "--all");
}

async function cdk(url: string, ...command: string[]): Promise<void> {
  const env = localEnvironment(url);
  const quiet = ["--no-version-reporting", "--no-notices", "--ci", "--progress", "events"];
  const child = spawn(process.execPath, [CDK, ...command, ...quiet], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => output.push(text));
  }
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`cdk ${command[0]} ended with ${code}:\n${output.join("").slice(-10_000)}`);
}
