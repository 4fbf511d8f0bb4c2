/**
 * `npm run test:localstack`: starts LocalStack, deploys the stack, runs the suites, and stops the LocalStack
 * that it has started. If LocalStack cannot be started, all tests count as skipped. Further arguments go to
 * vitest.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { alreadyRunning, bringUp, logs, takeDown } from "../bring-up/bring-up.ts";
import type { BroughtUp } from "../bring-up/bring-up.ts";
import { closingLineOf } from "./closing-line.ts";
import { deploy, destroy } from "../deploy.ts";
import { localEnvironment } from "../guard.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const VITEST = join(createRequire(import.meta.url).resolve("vitest/package.json"), "..", "vitest.mjs");
/** An address where nothing listens. It is never used, because no test runs. */
const NOWHERE = "http://127.0.0.1:9";
/** A pattern that matches no title. */
const NO_TEST = "^no test has this title$";

async function main(args: readonly string[]): Promise<number> {
  mkdirSync(join(ROOT, ".localstack"), { recursive: true });
  const directory = mkdtempSync(join(ROOT, ".localstack", "tier-"));
  const stopOnSignal = (): void => void takeDown(directory).finally(() => process.exit(130));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stopOnSignal);
  let code = 1;
  try {
    const up = await find(directory);
    code = up.kind === "missing" ? await skip(up.missing) : await test(up, directory, args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  if (code !== 0) console.error((await logs(directory)).split("\n").slice(-40).join("\n"));
  await takeDown(directory);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  console.log(closingLineOf(printed.join(""), code));
  return code;
}

async function find(directory: string): Promise<BroughtUp> {
  const url = await alreadyRunning();
  return url === null ? bringUp(directory) : { kind: "running", url };
}

async function test(
  { kind, url }: Exclude<BroughtUp, { kind: "missing" }>,
  directory: string,
  args: readonly string[],
): Promise<number> {
  console.log(`localstack: ${url} (${kind})`);
  await timed("the stack is deployed", () => deploy(url, directory, { isFresh: kind !== "running" }));
  try {
    return await vitest(localEnvironment(url), args);
  } finally {
    // A LocalStack that was started here loses the stack when it stops.
    if (kind === "running") await timed("the stack is destroyed", () => destroy(url, directory));
  }
}

async function skip(missing: readonly string[]): Promise<number> {
  console.log("localstack: cannot be started on this machine, so its tests are skipped. Missing:");
  for (const requirement of missing) console.log(`  - ${requirement}`);
  return vitest(localEnvironment(NOWHERE), ["--testNamePattern", NO_TEST]);
}

const printed: string[] = [];

/** Runs vitest and keeps a copy of its output, from which the closing line is taken. */
async function vitest(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const config = ["run", "--config", "vitest.localstack.config.ts"];
  const child = spawn(process.execPath, [VITEST, ...config, ...args], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed.push(text);
    process.stdout.write(text);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
}

async function timed<T>(what: string, use: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const done = await use();
  console.log(`localstack: ${what} after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return done;
}

process.exitCode = await main(process.argv.slice(2));
