/** What the published package consists of. */
import { cpSync, existsSync, globSync, readFileSync, readdirSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { build as bundle } from "esbuild";
import { parseSync } from "oxc-parser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConsumer } from "./consumer.ts";
import type { Consumer } from "./consumer.ts";

/** The compiler is slow on a busy machine. */
const BUILD_MS = 180_000;

let consumer: Consumer;

beforeAll(async () => {
  consumer = await createConsumer();
}, BUILD_MS);

afterAll(() => consumer.remove());

test("the manifest has only fields for users", () => {
  const { manifest } = consumer;
  expect(Object.keys(manifest).toSorted()).toEqual(
    (
      "bin dependencies description engines exports imports keywords license name " +
      "peerDependencies peerDependenciesMeta type version"
    ).split(" "),
  );
  expect(manifest).toMatchObject({
    name: "fanjoin",
    engines: { node: ">=24" },
    peerDependenciesMeta: {
      "aws-cdk-lib": { optional: true },
      constructs: { optional: true },
      esbuild: { optional: true },
    },
  });
});

/** A target is a file, or files by condition. */
function filesIn(targets: object): string[] {
  return Object.values(targets).flatMap((target: string | object) =>
    typeof target === "string" ? target : filesIn(target),
  );
}

test("every file in the manifest exists and is not TypeScript", () => {
  const { bin, exports, imports } = consumer.manifest;
  const targets = [bin, exports, imports].flatMap((names) => filesIn(names));
  expect(targets).not.toEqual([]);
  for (const target of targets) {
    expect(target).not.toMatch(/\.ts$/);
    // A target may be a pattern with a *.
    expect(globSync(target, { cwd: consumer.installed })).not.toEqual([]);
  }
});

test("the package has JavaScript, declarations, documents and examples, and no TypeScript sources", () => {
  const cwd = consumer.installed;
  const sources = globSync("**/*.ts", { cwd }).filter((name) => !name.endsWith(".d.ts"));
  expect(sources.filter((name) => !name.startsWith("examples"))).toEqual([]);
  expect(sources).toContain(join("examples", "word-count.ts"));
  const documents =
    "ARCHITECTURE.md CHANGELOG.md CONTRIBUTING.md LICENSE README.md THIRD-PARTY-LICENSES.txt".split(" ");
  const others = "bin chunks docs examples functions infra package.json page.html src".split(" ");
  expect(globSync("*", { cwd }).toSorted()).toEqual([...documents, ...others]);
});

/** The packages that a file of JavaScript or types imports. */
function packagesIn(path: string): string[] {
  const text = readFileSync(path, "utf8");
  const { module, errors } = parseSync(path, text);
  expect(errors).toEqual([]);
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.flatMap(
      ({ moduleRequest: { start, end } }) => /^["'](.*)["']$/.exec(text.slice(start, end))?.[1] ?? [],
    ),
  ];
  const packages = specifiers.filter((name) => !/^[.#]/.test(name) && !isBuiltin(name));
  return packages.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
}

test("what the package imports is bundled with it, or is a dependency or a peer", () => {
  const cwd = consumer.installed;
  const files = globSync("{bin,chunks,functions,infra,src}/**/*.{js,ts}", { cwd });
  const imported = new Set(files.flatMap((file) => packagesIn(join(cwd, file))));
  const { dependencies, peerDependencies } = consumer.manifest;
  expect([...imported].toSorted()).toEqual(
    // esbuild is loaded where it is needed, by `require`.
    [...Object.keys(dependencies), ...Object.keys(peerDependencies)]
      .filter((name) => name !== "esbuild")
      .toSorted(),
  );
});

test("the command and its library need no package, but for traces that are asked for", () => {
  const cwd = consumer.installed;
  const files = globSync("{bin,chunks,src}/**/*.js", { cwd });
  const packages = new Set(files.flatMap((file) => packagesIn(join(cwd, file))));
  expect([...packages]).toEqual(["@opentelemetry/api"]);
});

test("the licences of bundled packages are in the package", () => {
  const text = readFileSync(join(consumer.installed, "THIRD-PARTY-LICENSES.txt"), "utf8");
  for (const name of ["commander [\\d.]+ \\(MIT\\)", "@aws-sdk/client-s3 [\\d.]+ \\(Apache-2\\.0\\)"]) {
    expect(text).toMatch(new RegExp(`^${name}$`, "m"));
  }
  expect(text).toContain("Copyright (c) 2011 TJ Holowaychuk");
});

test("links between the published documents lead to files in the package", () => {
  const cwd = consumer.installed;
  const links = globSync("{*,docs/**/*}.md", { cwd }).flatMap((document) =>
    [...readFileSync(join(cwd, document), "utf8").matchAll(/\]\((?!https:)([^)#]+)/g)].map(
      ([, target = ""]) => join(dirname(document), target),
    ),
  );
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((path) => !existsSync(join(cwd, path)))).toEqual([]);
});

test("a bundle for browsers takes one file of the package, with nothing of Node in it", async () => {
  consumer.write("page.ts", 'export { connect, FanjoinError } from "fanjoin/client";');
  const { metafile, outputFiles } = await bundle({
    entryPoints: [join(consumer.path, "page.ts")],
    bundle: true,
    platform: "browser",
    format: "esm",
    write: false,
    metafile: true,
  });
  const files = Object.keys(metafile.inputs).filter((name) => !name.endsWith("page.ts"));
  expect(files).toEqual([expect.stringMatching(/fanjoin\/src\/client\/browser\/connect\.js$/)]);
  expect(outputFiles[0]?.text).not.toMatch(/\bBuffer\b|\bprocess\.|node:|@aws-sdk/);
});

test("the command names pages that are in the package, by paths from where it runs", () => {
  const command = join("node_modules", "fanjoin", consumer.manifest.bin["fanjoin"] ?? "");
  const outcomes = [["help"], ["help", "joins"], ["run", "--help"], ["run", "no.ts"]].map((args) => {
    const { stdout, stderr } = consumer.node(command, ...args);
    return `${stdout}${stderr}`;
  });
  const named = outcomes.map((text) => text.match(/\S+\.md\b/g));
  const page = (name: string): string => join("node_modules", "fanjoin", "docs", name);
  expect(named).toEqual([[page("README.md")], [page("joins.md")], [page("cli.md")], [page("options.md")]]);
  for (const path of named.flat()) expect(existsSync(join(consumer.path, path ?? ""))).toBe(true);
});

test("the jobs of docs/migrating run as copies out of the package", () => {
  const examples = join(consumer.installed, "examples/migrating");
  cpSync(examples, consumer.path, { recursive: true });
  consumer.link("zod");
  const command = join("node_modules", "fanjoin", consumer.manifest.bin["fanjoin"] ?? "");
  const jobs = [
    ["pool-map/count-requests.ts", "pool-map/logs/*.log"],
    ["celery-chord/freight.ts", "celery-chord/orders.csv"],
    ["luigi/clean.ts", "luigi/raw/*.csv"],
    ["dask-bag/word-count.ts", "dask-bag/books/*.txt"],
    ["distributed-map/invoices.ts", "distributed-map/orders.csv", "--params", '{"vatPercent":25}'],
  ];
  const codes = jobs.map((args) => consumer.node(command, "run", ...args).status);
  expect(codes).toEqual(jobs.map(() => 0));
  expect(readdirSync(examples)).toHaveLength(jobs.length);
});
