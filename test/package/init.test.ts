/** Projects that `fanjoin init` begins, from the packed package. */
import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pack } from "../../build/pack.ts";
import { ROOT } from "../../build/root.ts";
import { TEMPLATE_NAMES } from "../../src/cli/init/templates.ts";
import { startRegistry } from "./registry.ts";
import type { Registry } from "./registry.ts";

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** npm is slow on a busy machine. */
const SLOW = { timeout: 240_000 };

const folder = realpathSync(mkdtempSync(join(tmpdir(), "fanjoin-init-")));
let registry: Registry;

beforeAll(async () => {
  registry = await startRegistry(join(folder, "registry"));
}, SLOW.timeout);

afterAll(() => {
  registry.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Runs a command as a user does in a shell, with this Node first in PATH and the registry of this test. */
async function run(cwd: string, command: string): Promise<Outcome> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|FORCE_COLOR|CI$)/i.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
    NO_COLOR: "1",
    // Where the CDK CLI has an app write its templates.
    CDK_OUTDIR: "cdk.out",
    npm_config_registry: registry.url,
    npm_config_cache: join(folder, "cache"),
    npm_config_userconfig: join(folder, "no-settings"),
    npm_config_yes: "true",
    npm_config_audit: "false",
    npm_config_update_notifier: "false",
  };
  const child = spawn(command, { cwd, env, shell: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((resolve) => void child.once("close", resolve));
  return { code, output };
}

/** Fails with the output of the command. */
async function pass(cwd: string, command: string): Promise<string> {
  const { code, output } = await run(cwd, command);
  expect(code, `${command}\n${output}`).toBe(0);
  return output;
}

function emptyFolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

test("npx fanjoin init demo, cd demo, npm install, npm test, npm start", SLOW, async () => {
  const fresh = emptyFolder("fresh");
  expect(await pass(fresh, "npx fanjoin init demo")).toContain(
    "cd demo\n  npm install\n  npm test\n  npm start",
  );
  const demo = join(fresh, "demo");
  await pass(demo, "npm install");
  expect(await pass(demo, "npm test")).toMatch(/^. pass 2$/m);
  expect(await pass(demo, "npm start")).toContain("items    8, all succeeded");
  await pass(demo, "npm run check");
});

test("npm create fanjoin begins a project, too, and passes options on", SLOW, async () => {
  const fresh = emptyFolder("created");
  await pass(fresh, "npm create fanjoin demo");
  for (const file of ["job.ts", "job.test.ts", "orders.csv"]) {
    const template = readFileSync(join(ROOT, "examples/templates/csv", file), "utf8");
    expect(readFileSync(join(fresh, "demo", file), "utf8")).toBe(template);
  }
  await pass(fresh, "npm create fanjoin . -- --template range --cdk");
  expect(readFileSync(join(fresh, "app.ts"), "utf8")).toContain('new Stack(new App(), "created")');
  const again = await run(fresh, "npm create fanjoin -- --template range");
  expect(again.output).toContain('init would overwrite ".gitignore", "job.test.ts", "job.ts"');
  expect(again.code).toBe(2);
});

test("a project that a packed file begins gets that file", SLOW, async () => {
  const fresh = emptyFolder("packed");
  const file = pack(join(folder, "registry/fanjoin"), folder);
  for (const command of [`npm install ${file}`, "npx fanjoin init demo --template range"]) {
    await pass(fresh, command);
  }
  const demo = join(fresh, "demo");
  const { dependencies } = JSON.parse(readFileSync(join(demo, "package.json"), "utf8")) as {
    dependencies: object;
  };
  expect(dependencies).toEqual({ fanjoin: `file:${file}` });
  await pass(demo, "npm install --omit=dev");
  expect(await pass(demo, "npm start")).toContain("all succeeded");
});

/** Projects below a folder in which the package is installed. */
test.for(TEMPLATE_NAMES)(
  "the template %s passes its tests, runs and is synthesised",
  SLOW,
  async (template, { expect }) => {
    const projects = await installedFolder();
    await pass(projects, `npx fanjoin init ${template} --template ${template} --cdk`);
    const project = join(projects, template);
    expect(await pass(project, "npm test")).toMatch(/^. fail 0$/m);
    expect(await pass(project, "npm start")).toContain("all succeeded");
    await pass(project, "npm run check");
    await pass(project, `${JSON.stringify(process.execPath)} app.ts`);
    const { Resources } = JSON.parse(
      readFileSync(join(project, `cdk.out/${template}.template.json`), "utf8"),
    ) as {
      Resources: Record<string, { Type: string }>;
    };
    const types = Object.values(Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type === "AWS::Lambda::Function").length).toBeGreaterThan(5);
  },
);

let installed: Promise<string> | undefined;

/** What is only needed to deploy is linked: packing it takes long. */
function installedFolder(): Promise<string> {
  installed ??= (async () => {
    const path = emptyFolder("projects");
    writeFileSync(join(path, "package.json"), '{ "private": true }');
    await pass(path, "npm install fanjoin zod typescript @types/node");
    for (const name of ["aws-cdk-lib", "constructs", "esbuild"]) {
      symlinkSync(join(ROOT, "node_modules", name), join(path, "node_modules", name), "junction");
    }
    return path;
  })();
  return installed;
}
