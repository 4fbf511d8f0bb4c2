/**
 * Installs LocalStack as a Python program from a hash-pinned lock, the plugins in the folder above, and
 * DynamoDB Local. Parts that are up to date are skipped.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const RECIPE = fileURLToPath(new URL("..", import.meta.url));
const CHECKOUT = join(RECIPE, "..", "..");

/**
 * The installation's directory. It takes half a gigabyte; with `LOCALSTACK_HOME` several checkouts share one.
 */
export function installHome(environment: NodeJS.ProcessEnv = process.env): string {
  return environment["LOCALSTACK_HOME"] || join(CHECKOUT, ".localstack");
}

interface Part {
  readonly name: string;
  /** A pattern of its sources below the recipe. If their content changes, the part is installed again. */
  readonly sources: string;
  install(home: string, python: string): Promise<void>;
}

const PARTS: readonly Part[] = [
  {
    name: "localstack",
    sources: "requirements.txt",
    async install(home, python) {
      rmSync(join(home, "venv"), { recursive: true, force: true });
      for (const { name } of PARTS) rmSync(stampOf(home, name), { force: true });
      await command(python, "-m", "venv", join(home, "venv"));
      // The lock is complete. LocalStack does not start with newer dependencies.
      // Most of it is never imported: Python compiles the rest at the first start, in half the time.
      const lock = join(RECIPE, "requirements.txt");
      await pip(home, "install", "--no-deps", "--no-compile", "--require-hashes", "--requirement", lock);
    },
  },
  {
    name: "hostmode",
    sources: "hostmode/{pyproject.toml,localstack_hostmode/*.*}",
    async install(home) {
      // A copy: pip builds beside the sources, and tests may be looking at those.
      const plugins = join(home, "hostmode");
      cpSync(join(RECIPE, "hostmode"), plugins, { recursive: true });
      await pip(home, "install", "--no-deps", "--no-build-isolation", "--force-reinstall", plugins);
      await pip(home, "check");
      rmSync(plugins, { recursive: true });
    },
  },
  {
    name: "dynamodb-local",
    sources: "dynamodb-local/*",
    async install(home) {
      const jars = join(home, "dynamodb-local");
      const recipe = join(RECIPE, "dynamodb-local");
      rmSync(jars, { recursive: true, force: true });
      const copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${jars}`];
      await command("mvn", "--quiet", "--batch-mode", "--file", join(recipe, "pom.xml"), ...copy);
      await command("javac", "-cp", join(jars, "*"), "-d", jars, join(recipe, "LoopbackDynamoDbLocal.java"));
    },
  },
];

export function isInstalled(home: string): boolean {
  return PARTS.every((part) => isFresh(home, part));
}

/** Installs outdated parts. Throws if a command fails; its output goes to standard error. */
export async function install(home: string, python: string): Promise<void> {
  mkdirSync(home, { recursive: true });
  for (const part of PARTS) {
    if (isFresh(home, part)) continue;
    console.error(`localstack: installing ${part.name} in ${home}`);
    await part.install(home, python);
    writeFileSync(stampOf(home, part.name), stamp(part));
  }
}

function isFresh(home: string, part: Part): boolean {
  const file = stampOf(home, part.name);
  return existsSync(file) && readFileSync(file, "utf8") === stamp(part);
}

function stampOf(home: string, name: string): string {
  return join(home, `${name}.stamp`);
}

function stamp({ sources }: Part): string {
  const hash = createHash("sha256");
  for (const name of globSync(sources, { cwd: RECIPE }).toSorted()) {
    hash.update(`${name}\n`).update(readFileSync(join(RECIPE, name)));
  }
  return hash.digest("hex");
}

function pip(home: string, ...args: string[]): Promise<void> {
  return command(join(home, "venv", "bin", "pip"), "--quiet", "--disable-pip-version-check", ...args);
}

async function command(program: string, ...args: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ["ignore", 2, 2] });
  await new Promise<void>((resolve, reject) => {
    child.on("error", reject).on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args.join(" ")} ended with ${code}`));
    });
  });
}
