/**
 * Bundles each function into one file, together with the user's job if the function runs one. esbuild runs in
 * this process, without Docker or network.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Stack, Stage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type * as Esbuild from "esbuild";
import type { BuildOptions, BuildResult, Message } from "esbuild";
import { invalid } from "./check-props.ts";

const require = createRequire(import.meta.url);

export type FunctionName = "api" | "coordinator" | "dead-letter" | "join" | "sweeper" | "worker";

export interface BundleProps {
  /**
   * Packages to leave out of the bundle, because the Lambda runtime has them or the job does not need them.
   */
  readonly external?: readonly string[] | undefined;
  /** Expressions to replace by constants: `{ "process.env.REGION": '"eu-west-1"' }`. */
  readonly define?: { readonly [name: string]: string } | undefined;
}

/** A job's file, to be bundled into a function. */
export interface JobCode extends BundleProps {
  /** The job's name, for messages. */
  readonly name: string;
  /** The path of the file whose default export is the job. */
  readonly file: string;
}

/** A function's bundle as an asset. */
export function codeOf(scope: Construct, name: FunctionName, job: JobCode | null): Code {
  // Commands such as `cdk list` and `cdk destroy` need no code.
  const text = Stack.of(scope).bundlingRequired ? bundle(name, job) : "";
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const folder = join(Stage.of(scope)?.assetOutdir ?? "cdk.out", "fanjoin", `${name}-${hash}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.mjs"), text);
  return Code.fromAsset(folder);
}

/** Bundles by function and job: functions without a job are equal in all stacks of an app. */
const bundled = new Map<string, Uint8Array>();

/** The content of a function's file. Throws `JOB_INVALID` if the job's file cannot be bundled. */
export function bundle(name: FunctionName, job: JobCode | null): Uint8Array {
  const key = JSON.stringify([name, job]);
  const text = bundled.get(key) ?? build(name, job);
  bundled.set(key, text);
  return text;
}

/** CommonJS dependencies of users' jobs call `require` and read `__dirname`. */
const BANNER = [
  'import { createRequire as $createRequire } from "node:module";',
  "const require = $createRequire(import.meta.url);",
  "const __filename = import.meta.filename, __dirname = import.meta.dirname;",
].join("");

const RUNS_JOBS: ReadonlySet<FunctionName> = new Set(["join", "worker"]);

function build(name: FunctionName, job: JobCode | null): Uint8Array {
  const options = {
    entryPoints: [ourFile(`#functions/${name}`)],
    alias: {
      // A function's credentials are always in its environment.
      "@aws-sdk/credential-provider-node": ourFile("#functions/host/credentials"),
      // The job and the function share one copy of fanjoin, whatever is installed beside the job's file.
      fanjoin: ourFile("#functions/host/public-door"),
      ...(job && { "#job": job.file }),
    },
    external: [...(job?.external ?? [])],
    define: { ...job?.define },
    banner: { js: BANNER },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    minify: true,
    // Failed items carry the names of users' error classes.
    keepNames: RUNS_JOBS.has(name),
    legalComments: "none",
    outfile: "index.mjs",
    logLevel: "silent",
  } satisfies BuildOptions;
  if (job) checkExport(job);
  const [file] = run(options, job).outputFiles;
  if (!file) throw new Error(`esbuild produced no file for ${name}`);
  return file.contents;
}

/**
 * Throws `JOB_INVALID` for a file without a default export, which esbuild would bundle without complaint. A
 * file without any export is accepted, because it may be CommonJS.
 */
function checkExport(job: JobCode): void {
  const options: BuildOptions = {
    entryPoints: [job.file],
    format: "esm",
    metafile: true,
    logLevel: "silent",
  };
  const { exports = [] } = Object.values(run(options, job).metafile?.outputs ?? {})[0] ?? {};
  if (exports.length === 0 || exports.includes("default")) return;
  throw invalid(
    `${job.name}: the file ${job.file} has no default export, only ${exports.join(", ")}. A job is the default export of its file.`,
  );
}

/** The job's file as JavaScript: without types and JSX, and otherwise as it is written. */
export function plainCode(job: JobCode): string {
  const options: BuildOptions = { entryPoints: [job.file], target: "esnext", logLevel: "silent" };
  return run(options, job).outputFiles[0]?.text ?? "";
}

function run(options: BuildOptions, job: JobCode | null): BuildResult<{ write: false }> {
  try {
    return esbuild().buildSync({ ...options, write: false });
  } catch (thrown) {
    const errors = (thrown as { readonly errors?: readonly Message[] }).errors ?? [];
    const first = errors[0];
    if (!first) throw thrown;
    const location = first.location ? `${first.location.file}:${first.location.line}: ` : "";
    const subject = job ? `The job ${job.name} (${job.file})` : "One of fanjoin's own functions";
    throw invalid(`${subject} cannot be bundled: ${location}${first.text}.`);
  }
}

/** `import.meta.resolve` is missing in CommonJS apps that run under tsx. */
function ourFile(specifier: string): string {
  return require.resolve(specifier);
}

/** esbuild is an optional peer dependency: only deploying needs it. */
function esbuild(): typeof Esbuild {
  try {
    return require("esbuild") as typeof Esbuild;
  } catch (cause) {
    throw new Error(
      "fanjoin bundles functions with esbuild, which is not installed: npm install --save-dev esbuild",
      { cause },
    );
  }
}
