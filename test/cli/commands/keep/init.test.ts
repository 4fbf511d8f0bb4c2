/** `fanjoin init`. `test/package/init.test.ts` tries the projects. */
import { globSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { VERSIONS } from "../../../../src/cli/init/settings.ts";
import { TEMPLATES, TEMPLATE_NAMES } from "../../../../src/cli/init/templates.ts";
import { ROOT, workspace } from "../../command.ts";

const TEMPLATE_FOLDER = join(ROOT, "examples/templates");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: { readonly [name: string]: string };
  readonly devDependencies: { readonly [name: string]: string };
}

const manifestOf = (text: string): Manifest => JSON.parse(text) as Manifest;
const own = manifestOf(readFileSync(join(ROOT, "package.json"), "utf8"));

test("a project is written into the current directory, and the next commands are printed", async () => {
  const at = workspace();
  at.write("notes.txt", "mine");
  const { code, stdout, stderr } = await at.run("init");
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^Created:\n {2}\.gitignore\n {2}job\.test\.ts\n {2}job\.ts\n {2}orders\.csv\n/);
  expect(stdout).toMatch(/\nNext:\n {2}npm install\n {2}npm test\n {2}npm start\n$/);
  expect(code).toBe(0);
  expect(at.read("job.ts")).toBe(readFileSync(join(TEMPLATE_FOLDER, "csv/job.ts"), "utf8"));
  expect(at.read("notes.txt")).toBe("mine");
  const { name, dependencies } = manifestOf(at.read("package.json"));
  expect(name).toBe(basename(at.path).toLowerCase());
  expect(dependencies["fanjoin"]).toBe(own.version);
});

test("a directory is made, and its name becomes that of the package and of the stack", async () => {
  const at = workspace();
  const { stdout } = await at.run("init", "a/My Totals.v2", "--template", "range", "--cdk");
  expect(stdout).toContain("\n  cd 'a/My Totals.v2'\n");
  expect(stdout).toMatch(/\n {2}npx cdk bootstrap .*\n {2}npm run deploy\n$/);
  const { name, devDependencies } = manifestOf(at.read("a/My Totals.v2/package.json"));
  expect(name).toBe("my-totals.v2");
  expect(Object.keys(devDependencies)).toContain("aws-cdk");
  expect(at.read("a/My Totals.v2/app.ts")).toMatch(/"my-totals-v2".*"palindromes"/s);
  expect(JSON.parse(at.read("a/My Totals.v2/cdk.json"))).toEqual({ app: "node app.ts" });
});

test("existing files are named and kept, and nothing is written", async () => {
  const at = workspace();
  at.write("job.ts", "mine");
  // A link that leads nowhere would be written through.
  symlinkSync(join(at.path, "elsewhere"), join(at.path, "package.json"));
  const { code, stdout, stderr } = await at.run("init", ".");
  expect(stderr.replace(/See .+\n$/, "")).toBe(
    'fanjoin: init would overwrite "job.ts", "package.json" in .; nothing was written. Name another directory, or move these away [USAGE]\n',
  );
  expect([stdout, code]).toEqual(["", 2]);
  expect(globSync("{*,.git*}", { cwd: at.path }).toSorted()).toEqual(["job.ts", "package.json"]);
  expect(at.read("job.ts")).toBe("mine");
});

test("a directory that cannot be made, and an unknown template, are wrong usage", async () => {
  const at = workspace();
  at.write("file", "");
  const below = await at.run("init", "file/totals");
  expect(below.stderr).toMatch(/^fanjoin: file\/totals\/\S+ cannot be written: .*\[USAGE\]\nSee .+\n$/);
  expect(below.code).toBe(2);
  const unknown = await at.run("init", "--template", "xml");
  expect(unknown.stderr).toContain("Allowed choices are csv, parquet, http, files, range, generator.");
  expect(unknown.code).toBe(2);
});

test("a sample input that is not text is copied byte for byte", async () => {
  const at = workspace();
  expect((await at.run("init", "--template", "parquet")).code).toBe(0);
  const sample = readFileSync(join(TEMPLATE_FOLDER, "parquet/orders.parquet"));
  expect(readFileSync(join(at.path, "orders.parquet")).equals(sample)).toBe(true);
});

test("an empty folder of the same name is used", async () => {
  const at = workspace();
  mkdirSync(join(at.path, "texts"));
  expect((await at.run("init", "--template", "files")).code).toBe(0);
});

test.for(TEMPLATE_NAMES)("the template %s has a job of the name in the table", async (name) => {
  const text = readFileSync(join(TEMPLATE_FOLDER, name, "job.ts"), "utf8");
  expect(/^ {2}name: "(.*)",$/m.exec(text)?.[1]).toBe(TEMPLATES[name].job);
});

test("every folder of templates is in the table", () => {
  const folders = globSync("*", { cwd: TEMPLATE_FOLDER }).filter((name) => name !== "cdk");
  expect(folders.toSorted()).toEqual(TEMPLATE_NAMES.toSorted());
});

test("projects get the versions that fanjoin is tested with", () => {
  expect(own.devDependencies).toMatchObject(VERSIONS);
});

test("create-fanjoin has the version of fanjoin, and brings that one", () => {
  const file = join(ROOT, "build/create-fanjoin/package.json");
  const { version, dependencies } = manifestOf(readFileSync(file, "utf8"));
  expect({ version, dependencies }).toEqual({ version: own.version, dependencies: { fanjoin: own.version } });
});
