/** The import table: which areas may import which. */

export interface Row {
  /** Areas of this repository that may be imported. */
  readonly areas: readonly string[];
  /** Further areas, from which only types may be imported. */
  readonly types?: readonly string[];
  /** Packages. A name that ends in `/` is a whole scope. */
  readonly packages?: readonly string[];
  readonly node?: true;
}

export const TABLE = {
  core: { areas: ["core"] },
  ports: { areas: ["ports"], types: ["core"] },
  "option-check": { areas: ["core"] },
  checksum: { areas: ["core"], packages: ["node:zlib"] },
  // The hash of a job's code, the same for the construct and on this machine.
  "code-hash": { areas: ["core"], node: true },
  format: { areas: [] },
  "lines-of": { areas: [] },
  news: { areas: [], types: ["core"] },
  // OpenTelemetry is a peer that most do without: it is loaded when traces are asked for.
  tracing: { areas: ["tracing", "core"], types: ["ports"], packages: ["@opentelemetry/api"] },
  webhooks: { areas: ["webhooks", "job", "news"], node: true },
  joins: { areas: ["joins", "core", "option-check"], types: ["ports"] },
  input: {
    areas: ["input", "core", "option-check", "checksum"],
    types: ["ports"],
    // Node brings the unpacking, hyparquet decodes values of Parquet.
    packages: ["node:buffer", "node:zlib", "hyparquet"],
  },
  job: {
    areas: ["job", "core", "option-check", "joins"],
    types: ["input", "ports"],
    packages: ["@standard-schema/spec"],
  },
  index: { areas: ["job", "input", "joins", "core"] },
  // Submitting, reading and ending batches. It knows no step.
  batch: { areas: ["batch", "core", "input", "job"], types: ["ports"] },
  // It runs users' code. Of the ports it knows only the object store.
  runner: {
    areas: ["runner", "core", "input", "job", "checksum"],
    types: ["batch", "joins", "ports"],
    // The frames of a stack name files.
    packages: ["node:path", "node:url"],
  },
  steps: { areas: ["steps", "runner", "batch", "core", "input", "job", "ports"], types: ["news"] },
  // Reads the outputs of a batch while it runs. Of the runner it knows the form of contributions.
  outputs: { areas: ["outputs", "batch", "runner", "core", "checksum"], types: ["ports"] },
  // Answers HTTP requests. It knows no step and no runner.
  api: { areas: ["api", "batch", "outputs", "core", "option-check"], types: ["job", "input", "ports"] },
  aws: { areas: ["aws", "core", "ports"], packages: ["@aws-sdk/", "@smithy/"], node: true },
  local: {
    // `aws` is for users' inputs on S3 only.
    areas: [
      "local",
      "aws",
      "core",
      "ports",
      "steps",
      "runner",
      "batch",
      "job",
      "input",
      "checksum",
      "code-hash",
      "webhooks",
    ],
    types: ["joins"],
    node: true,
  },
  // The interface of both doors, and what they share. Browsers load it.
  door: { areas: ["door", "batch", "core", "lines-of"], types: ["job", "outputs"] },
  // The files and objects that a user names.
  "find-inputs": {
    areas: ["find-inputs", "local", "aws", "input", "core", "format"],
    types: ["door"],
    node: true,
  },
  // The door `fanjoin/local`.
  open: {
    areas: [
      "open",
      "door",
      "local",
      "tracing",
      "find-inputs",
      "client",
      "batch",
      "outputs",
      "core",
      "option-check",
    ],
    types: ["job", "input", "ports"],
    packages: ["ulid"],
    node: true,
  },
  // The door `fanjoin/client`. It knows the engine's way to open files only.
  client: {
    areas: [
      "client",
      "door",
      "find-inputs",
      "local",
      "aws",
      "batch",
      "input",
      "core",
      "option-check",
      "format",
      "lines-of",
    ],
    // The requests of the API, which it passes on.
    types: ["job", "outputs", "api"],
    packages: ["ulid", "@aws-sdk/", "@smithy/", "@aws-crypto/"],
    node: true,
  },
  // The page for browsers, and the report. Of the rest it knows the shapes of answers.
  page: {
    areas: ["page", "core", "format"],
    types: ["api", "batch"],
    packages: ["preact", "@preact/signals", "preact-render-to-string", "esbuild"],
    node: true,
  },
  // The commands. They reach engine and stack through the doors only.
  cli: {
    areas: ["cli", "open", "client", "dev", "find-inputs", "core", "format", "lines-of"],
    types: ["door", "batch"],
    packages: ["commander", "cli-progress"],
    node: true,
  },
  // The server of `fanjoin dev`. It has an engine of its own, and answers with the API.
  dev: {
    areas: [
      "dev",
      "page",
      "api",
      "open",
      "tracing",
      // For `fanjoin ui --stack`, which passes requests on.
      "client",
      "local",
      "cli",
      "find-inputs",
      "batch",
      "input",
      "core",
      "format",
      "lines-of",
    ],
    types: ["job", "ports"],
    packages: ["ulid", "chokidar", "p-limit"],
    node: true,
  },
  // Nothing imports it: it is for users' tests.
  testing: {
    areas: ["testing", "steps", "runner", "batch", "input", "job", "core", "ports", "option-check"],
    node: true,
  },
  functions: {
    areas: [
      "functions",
      "api",
      "steps",
      "runner",
      "batch",
      "aws",
      "webhooks",
      "tracing",
      // The coordinator makes reports.
      "page",
      "job",
      // The copy that jobs import shares its modules with the functions.
      "index",
      "core",
      "option-check",
      "ports",
    ],
    types: ["news"],
    packages: ["@middy/", "@aws-lambda-powertools/", "#job", "ulid", "aws-lambda"],
    node: true,
  },
  infra: {
    areas: ["infra", "core", "code-hash"],
    packages: ["acorn", "aws-cdk-lib", "constructs", "esbuild"],
    node: true,
  },
  // Templates have tests and an app.
  examples: { areas: ["examples"], packages: ["fanjoin", "zod", "aws-cdk-lib"], node: true },
} as const satisfies Record<string, Row>;
