/**
 * One file for each function, with the user's job inside where the function runs one. esbuild does it in this
 * process: no Docker, no network.
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
  /** Packages that are not put into the bundle because the Lambda runtime has them, or nobody needs them. */
  readonly external?: readonly string[] | undefined;
  /** Names that stand for a constant: `{ "process.env.REGION": '"eu-west-1"' }`. */
  readonly define?: { readonly [name: string]: string } | undefined;
}

/** What is bundled into a function besides fanjoin. */
export interface JobCode extends BundleProps {
  /** The job's name, for messages. */
  readonly name: string;
  /** Path of the file whose default export is the job. */
  readonly file: string;
}

/** A function's code as an asset. */
export function codeOf(scope: Construct, name: FunctionName, job: JobCode | null): Code {
  // Commands such as `cdk list` and `cdk destroy` want to know what there is, and need no code.
  const text = Stack.of(scope).bundlingRequired ? bundle(name, job) : "";
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const folder = join(Stage.of(scope)?.assetOutdir ?? "cdk.out", "fanjoin", `${name}-${hash}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.mjs"), text);
  return Code.fromAsset(folder);
}

/** Functions without a job are the same in every stack of an app. */
const bundled = new Map<string, Uint8Array>();

/** The text of a function's one file. */
export function bundle(name: FunctionName, job: JobCode | null): Uint8Array {
  const key = JSON.stringify([name, job]);
  const text = bundled.get(key) ?? build(name, job);
  bundled.set(key, text);
  return text;
}

/** Users' dependencies in CommonJS call `require` and read `__dirname`. */
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
      // Of all ways to find credentials a function needs one: they are in its environment.
      "@aws-sdk/credential-provider-node": ourFile("#functions/host/credentials"),
      // A job's import and ours are one copy, whatever lies around the job's file.
      fanjoin: ourFile("fanjoin"),
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
  if (!file) throw new Error(`esbuild made nothing of ${name}`);
  return file.contents;
}

/**
 * A file without a default export would be bundled all the same. One that exports nothing may be CommonJS.
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

function run(options: BuildOptions, job: JobCode | null): BuildResult<{ write: false }> {
  try {
    return esbuild().buildSync({ ...options, write: false });
  } catch (thrown) {
    const errors = (thrown as { readonly errors?: readonly Message[] }).errors ?? [];
    const first = errors[0];
    if (!first) throw thrown;
    const place = first.location ? `${first.location.file}:${first.location.line}: ` : "";
    const what = job ? `The job ${job.name} (${job.file})` : "A function of fanjoin's own";
    throw invalid(`${what} cannot be bundled: ${place}${first.text}.`);
  }
}

/** Not `import.meta.resolve`: apps in CommonJS that run under tsx have none. */
function ourFile(specifier: string): string {
  return require.resolve(specifier);
}

/** An optional peer: only whoever deploys needs it. */
function esbuild(): typeof Esbuild {
  try {
    return require("esbuild") as typeof Esbuild;
  } catch (cause) {
    throw new Error(
      "Functions are bundled with esbuild, which is not installed: npm install --save-dev esbuild",
      { cause },
    );
  }
}
