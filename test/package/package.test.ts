/** Tests the built package in a user's project. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConsumer } from "./consumer.ts";
import type { Consumer, Outcome } from "./consumer.ts";

const JOB = `
  import { count, csv, defineJob, groupBy, sum } from "fanjoin";
  import * as z from "zod";
  type Sale = { country: string; amount: number };

  export default defineJob({
    name: "sales",
    input: csv(),
    item: z.object({ country: z.string(), amount: z.string().trim().min(1).pipe(z.coerce.number()) }),
    process: (row): Sale => row,
    join: groupBy((row: Sale) => row.country, { total: sum((row: Sale) => row.amount), sales: count() }),
  });
`;

const APP = `
  import { App, Stack } from "aws-cdk-lib";
  import { Fanjoin } from "fanjoin/cdk";

  const app: App = new App({ outdir: "cdk.out", analyticsReporting: false, builtinCloudFormationValidation: false });
  new Fanjoin(new Stack(app, "shop"), "Fanjoin").addJob("sales", { entry: "job.ts" });
  app.synth();
`;

const MISTAKES = `
  import { Stack } from "aws-cdk-lib";
  import { defineJob, range } from "fanjoin";
  import { Fanjoin } from "fanjoin/cdk";

  // @ts-expect-error
  export default defineJob({ name: 1, input: range(1), process: (n) => n });
  // @ts-expect-error
  new Fanjoin(new Stack(), "Fanjoin").addJob("sales", { entry: 1 });
`;

const TYPED_JOIN = `process: async ({ country, amount }) => ({ country, cents: amount * 100 }),
    join: (j) => j.groupBy((sale) => sale.contry, { total: j.sum((sale) => sale.cents), sales: j.count() }),`;

/** The compiler is slow on a busy machine. */
const BUILD_MS = 180_000;

let consumer: Consumer;
const COMMAND = "node_modules/fanjoin/bin/fanjoin.js";

beforeAll(async () => {
  consumer = await createConsumer();
  // Packages that a user installs to write and deploy jobs.
  consumer.link("zod", "aws-cdk-lib", "constructs", "esbuild", "@types/node");
  consumer.write("job.ts", JOB);
  consumer.write("app.ts", APP);
  consumer.write("input.csv", "country,amount\nNorway,1.5\nPeru,2\nNorway,3\nPeru,oops\n");
}, BUILD_MS);

afterAll(() => consumer.remove());

test("the command runs a job of the project", () => {
  const { status, stdout, stderr } = consumer.node(COMMAND, "run", "job.ts", "input.csv", "--output", "-");
  expect(stderr).toMatch(/amount: .*\n\s+ITEM_INVALID, input\.csv:5;/);
  expect(JSON.parse(stdout)).toEqual({ Norway: { total: 4.5, sales: 2 }, Peru: { total: 2, sales: 1 } });
  expect(status).toBe(1);
});

test.for([
  ["of the job, not of the bundle", "(text) => half(text)", "half (throws.ts:4:14)"],
  ["left out if all of them are the bundle's", "JSON.parse as (text: string) => unknown", undefined],
] as const)("frames of a failed item are %s", ([, process, stack]) => {
  consumer.write(
    "throws.ts",
    `import { defineJob, items } from "fanjoin";
     interface Stripped { readonly n: number }
     function half(text: string): number {
       throw new RangeError(text);
     }
     export default defineJob({ name: "throws", input: items(["{"]), process: ${process}, retries: 0 });`,
  );
  const dir = ["--dir", "throws"];
  consumer.node(COMMAND, "run", "throws.ts", ...dir, "--quiet");
  const json = (...args: string[]): unknown =>
    JSON.parse(consumer.node(COMMAND, ...args, ...dir, "--json").stdout);
  const [{ batch }] = json("list") as [{ batch: string }];
  const [{ error }] = json("failed", batch) as [{ error: { stack?: string[] } }];
  expect(error.stack?.[0]).toBe(stack);
});

test("a run on this machine loads no AWS client, neither in the command nor in its threads", () => {
  const hook = `
    import { registerHooks } from "node:module";
    import { writeSync } from "node:fs";
    registerHooks({
      load(url, context, next) {
        writeSync(2, "loaded " + url + "\\n");
        return next(url, context);
      },
    });
  `;
  const preload = `--import=data:text/javascript,${encodeURIComponent(hook)}`;
  const { stderr } = consumer.node(preload, COMMAND, "run", "job.ts", "input.csv", "--quiet");
  const loaded = [...stderr.matchAll(/^loaded (file:.*\/fanjoin\/.*)$/gm)].map(([, url = ""]) =>
    fileURLToPath(url),
  );
  const files = globSync("chunks/*.js", { cwd: consumer.installed }).map((name) =>
    join(consumer.installed, name),
  );
  const holdsClient = (file: string): boolean => /AWS4-HMAC|S3Client/.test(readFileSync(file, "utf8"));
  expect(files.filter(holdsClient).length).toBeGreaterThan(0);
  expect(loaded.some((file) => basename(file) === "thread.js")).toBe(true);
  expect(loaded.filter(holdsClient)).toEqual([]);
});

test("an item that kills the process is found with a child process", () => {
  consumer.write(
    "kills.ts",
    `import { defineJob, range, sum } from "fanjoin";
     const kill = (): never => { process.kill(process.pid, "SIGKILL"); throw new Error("alive"); };
     export default defineJob({ name: "kills", input: range(5), process: (n: number) => n === 3 ? kill() : n, join: sum() });`,
  );
  const dir = ["--dir", "kills"];
  let outcome = consumer.node(COMMAND, "run", "kills.ts", ...dir);
  for (let deaths = 0; outcome.signal !== null && deaths < 5; deaths++) {
    outcome = consumer.node(COMMAND, "resume", ...dir);
  }
  expect(outcome.stdout).toMatch(/the item ended the process that ran it.*\n\s+ITEM_CRASHED/);
  expect(outcome.stdout).toMatch(/^7$/m);
});

test("an example that is run where it was installed says to copy it", () => {
  const example = "node_modules/fanjoin/examples/primes.ts";
  const { status, stderr } = consumer.node(COMMAND, "run", example);
  expect(stderr).toMatch(
    /Copy the file into your project: below node_modules only JavaScript runs \[JOB_INVALID\]/,
  );
  expect(status).toBe(2);
});

test("an older Node gets one sentence about the needed version", () => {
  const aged = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });`;
  const { status, stderr } = consumer.node(`--import=data:text/javascript,${aged}`, COMMAND, "--version");
  expect(stderr).toMatch(/^fanjoin needs Node\.js 24 or newer, and this is v[\d.]+\.\n$/);
  expect(status).toBe(2);
  // An older Node would refuse the modules that it cannot read before the sentence is said.
  expect(readFileSync(join(consumer.path, COMMAND), "utf8")).not.toMatch(/^import/m);
});

test("a job outside of any project imports the command's own package", () => {
  consumer.write(
    "../elsewhere/sums.ts",
    `import { defineJob, range, sum } from "fanjoin";
     const to: number = 4;
     export default defineJob({ name: "sums", input: range(to), process: (n) => n, join: sum() });`,
  );
  const { stdout, stderr } = consumer.node(COMMAND, "run", "../elsewhere/sums.ts", "--output", "-");
  expect(stderr).toContain("4, all succeeded");
  expect(stdout.trim()).toBe("6");
});

interface Compiled {
  /** `true`: declarations of packages are not checked. */
  readonly skipLibCheck: boolean;
  readonly types: readonly string[];
}

/** Compiles files of the project as a user does. */
function compile(files: readonly string[], { skipLibCheck, types }: Compiled): Outcome {
  const compilerOptions = { module: "nodenext", strict: true, skipLibCheck, noEmit: true, types };
  consumer.write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
  const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
  return consumer.node(tsc);
}

test("the declarations accept correct code and refuse mistakes", () => {
  consumer.write("mistakes.ts", MISTAKES);
  const outcome = compile(["job.ts", "app.ts", "mistakes.ts"], { skipLibCheck: true, types: ["node"] });
  expect(outcome).toMatchObject({ stdout: "", status: 0 });
});

test("a misspelt field in a function of typed joins is one line that names the right one", () => {
  consumer.write("misspelt.ts", JOB.replace(/process:[^]*\}\),/, TYPED_JOIN));
  const { stdout } = compile(["misspelt.ts"], { skipLibCheck: true, types: ["node"] });
  expect(stdout.trimEnd().split("\n")).toEqual([
    expect.stringMatching(/^misspelt\.ts\(\d+,\d+\): error TS2551: .*'contry'.* Did you mean 'country'\?$/),
  ]);
});

/** Writes a file that imports every entry of the package but `left`. Its declarations are then checked. */
function importEntries(name: string, left: readonly string[]): void {
  const entries = Object.keys(consumer.manifest.exports).filter(
    (entry) => entry !== "./package.json" && !left.includes(entry),
  );
  expect(entries).toContain(".");
  const imports = entries.map(
    (entry, n) => `import * as e${n} from "fanjoin${entry.slice(1)}"; export { e${n} };`,
  );
  consumer.write(name, imports.join("\n"));
}

test("the declarations of every entry are sound, also without skipLibCheck", () => {
  importEntries("entries.ts", []);
  expect(compile(["entries.ts"], { skipLibCheck: false, types: ["node"] }).stdout).toBe("");
});

test("without the optional peers, the declarations of all other entries are sound", () => {
  const peers = ["aws-cdk-lib", "constructs", "esbuild"];
  for (const name of peers) consumer.unlink(name);
  try {
    importEntries("without-peers.ts", ["./cdk"]);
    expect(compile(["without-peers.ts"], { skipLibCheck: false, types: ["node"] }).stdout).toBe("");
    // Jobs can be written without the types of Node.
    expect(compile(["job.ts"], { skipLibCheck: false, types: [] }).stdout).toBe("");
  } finally {
    consumer.link(...peers);
  }
});

test("the construct deploys a job of the project", () => {
  expect(consumer.node("app.ts")).toMatchObject({ stderr: "", status: 0 });
  const code = globSync("cdk.out/asset.*/index.mjs", { cwd: consumer.path }).map((name) =>
    consumer.read(name),
  );
  expect(code.length).toBe(6);
  expect(code.filter((text) => text.includes('name:"sales"')).length, "worker and join").toBe(2);
  expect(existsSync(join(consumer.path, "cdk.out/shop.template.json"))).toBe(true);
});

/** The blocks of TypeScript of a document, in order. */
function blocksOf(document: string): string[] {
  const text = readFileSync(join(consumer.installed, document), "utf8");
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = ""]) => code);
}

test("the documented tests of a job pass with node --test and with vitest", () => {
  const [withNode = "", withVitest = "", meanOfMeans = ""] = blocksOf("docs/testing.md");
  consumer.link("vitest");
  consumer.write("sales.ts", blocksOf("README.md")[0] ?? "");
  consumer.write("sales.test.ts", withNode);
  consumer.write("sales.spec.ts", withVitest);
  consumer.write("mean-price.ts", meanOfMeans);
  const node = consumer.node("--test", "sales.test.ts");
  expect(node.stdout).toMatch(/pass 2\n.*fail 0\n/);
  const vitest = consumer.node("node_modules/vitest/vitest.mjs", "run", "sales.spec.ts");
  expect(vitest.stdout).toMatch(/2 passed/);
  expect([node.status, vitest.status]).toEqual([0, 0]);
});

test("the documented job that depends on the cut is found", () => {
  consumer.write(
    "mean-price.test.ts",
    `import { testJob } from "fanjoin/testing";
     const job = new URL("./mean-price.ts", import.meta.url);
     await testJob(job, { items: [1, 2, 6] }, { everyCut: true }).catch(({ message }) => console.log(message));`,
  );
  const text = readFileSync(join(consumer.installed, "docs/testing.md"), "utf8");
  const [, documented = "no console"] = /^```console\n([^]*?)^```$/m.exec(text) ?? [];
  expect(consumer.node("mean-price.test.ts").stdout).toContain(documented);
});

test("CommonJS apps, CDK's default, can require the construct", () => {
  const { stdout } = consumer.node("-p", 'require("fanjoin/cdk").Fanjoin.name');
  expect(stdout).toBe("Fanjoin\n");
});

test.for([
  [
    "esbuild",
    /fanjoin bundles functions with esbuild, which is not installed: npm install --save-dev esbuild/,
  ],
  ["aws-cdk-lib", /Cannot find package 'aws-cdk-lib'/],
] as const)("deploying without %s fails with its name", ([name, message]) => {
  consumer.unlink(name);
  try {
    const { status, stderr } = consumer.node("app.ts");
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  } finally {
    consumer.link(name);
  }
});
