/** The import table: which areas may import which. The test reads the sources, so the layers hold. */
import { globSync, readFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync, Visitor } from "oxc-parser";
import { expect, test } from "vitest";
import { TABLE } from "./import-table.ts";
import type { Row } from "./import-table.ts";

type Area = keyof typeof TABLE;

/** Globals that the pure core must not use. They are passed to it as arguments. */
const IMPURE = new Set(
  (
    "process fetch performance crypto console globalThis setTimeout setInterval setImmediate queueMicrotask " +
    "Date.now Math.random"
  ).split(" "),
);

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

interface Source {
  readonly imports: readonly Import[];
  /** Uses of time, randomness and the environment. */
  readonly impure: readonly string[];
  readonly reexportsOnly: boolean;
}

function parse(path: string, text: string): Source {
  const { program, module, errors } = parseSync(path, text);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const imports: Import[] = module.staticImports.map(({ moduleRequest, entries }) => ({
    from: moduleRequest.value,
    typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
  }));
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest) imports.push({ from: moduleRequest.value, typeOnly: isType });
    }
  }
  const impure: string[] = [];
  const use = (name: string): void => {
    if (IMPURE.has(name)) impure.push(name);
  };
  new Visitor({
    ImportExpression({ source }) {
      if (source.type === "Literal") imports.push({ from: String(source.value), typeOnly: false });
    },
    TSImportType({ source }) {
      imports.push({ from: source.value, typeOnly: true });
    },
    CallExpression({ callee }) {
      if (callee.type === "Identifier") use(callee.name);
    },
    NewExpression({ callee, arguments: args }) {
      if (callee.type === "Identifier" && callee.name === "Date" && args.length === 0)
        impure.push("new Date()");
    },
    MemberExpression({ object, property }) {
      if (object.type !== "Identifier") return;
      use(object.name);
      if (property.type === "Identifier") use(`${object.name}.${property.name}`);
    },
  }).visit(program);
  const reexportsOnly = program.body.every(
    (node) =>
      node.type === "ExportAllDeclaration" ||
      (node.type === "ExportNamedDeclaration" && node.source !== null),
  );
  return { imports, impure, reexportsOnly };
}

/** The area of a file. Its path is relative to the root of the repository. */
function areaOf(path: string): Area | null {
  const [top = "", second = ""] = path.split("/");
  const area = top === "src" ? second.replace(/\.ts$/, "") : top;
  return area in TABLE ? (area as Area) : null;
}

/** The rule that an import of the file at `path` breaks, in words. `null`: none. */
function complaint(path: string, { from, typeOnly }: Import): string | null {
  const area = areaOf(path);
  if (area === null) return "the file is in no area of the table";
  const row: Row = TABLE[area];
  if (from.startsWith(".")) {
    const target = areaOf(posix.join(posix.dirname(path), from));
    if (!from.endsWith(".ts")) return "a relative import has to end in .ts";
    if (target !== null && row.areas.includes(target)) return null;
    if (target === null || !row.types?.includes(target)) return `${area} may not import ${target ?? from}`;
    return typeOnly ? null : `${area} may import only types from ${target}`;
  }
  if (row.packages?.some((name) => isOf(from, name))) return null;
  if (from.startsWith("node:")) return row.node ? null : `${area} may not import node:`;
  return `${area} may not import the package ${from}`;
}

function isOf(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(name.endsWith("/") ? name : `${name}/`);
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = "{src,functions,infra,examples}";

const sources = globSync(`${FOLDERS}/**/*.ts`, { cwd: ROOT })
  .map((path) => path.replaceAll("\\", "/"))
  .toSorted()
  .map((path) => ({ path, ...parse(path, readFileSync(join(ROOT, path), "utf8")) }));

test("the table allows every import", () => {
  const complaints = sources.flatMap(({ path, imports }) =>
    imports.flatMap((one) => {
      const wrong = complaint(path, one);
      return wrong === null ? [] : [`${path} imports ${one.from}: ${wrong}`];
    }),
  );
  expect(complaints).toEqual([]);
  expect(sources.length).toBeGreaterThan(0);
});

test("every source is in an area of the table", () => {
  expect(sources.map(({ path }) => path).filter((path) => areaOf(path) === null)).toEqual([]);
});

test("the core uses no time, no randomness and no environment", () => {
  const uses = sources.flatMap(({ path, impure }) =>
    areaOf(path) === "core" ? impure.map((name) => `${path} uses ${name}`) : [],
  );
  expect(uses).toEqual([]);
});

test("the public entry point only re-exports", () => {
  const doors = sources.filter(({ path }) => path === "src/index.ts");
  expect(doors.filter((door) => !door.reexportsOnly)).toEqual([]);
});

test("only the public entry point is called index.ts, and no file is called utils", () => {
  const misnamed = sources
    .map(({ path }) => path)
    .filter((path) =>
      basename(path) === "index.ts" ? path !== "src/index.ts" : /^utils?\./.test(basename(path)),
    );
  expect(misnamed).toEqual([]);
});

test("the parser sees every way to import, and which imports are types only", () => {
  const text = `
    import a, { b } from "./a.ts";
    import type { C } from "./c.ts";
    import { type D } from "./d.ts";
    import { e, type E } from "./e.ts";
    import "./effect.ts";
    export * from "./all.ts";
    export type { F } from "./f.ts";
    type G = import("./g.ts").G;
    const h = await import("./h.ts");
    const text = 'import x from "./not.ts"'; // import y from "./not.ts"
  `;
  const { imports } = parse("x.ts", text);
  const named = (typeOnly: boolean): string =>
    imports
      .flatMap((one) => (one.typeOnly === typeOnly ? [one.from] : []))
      .toSorted()
      .join(" ");
  expect(named(false)).toBe("./a.ts ./all.ts ./e.ts ./effect.ts ./h.ts");
  expect(named(true)).toBe("./c.ts ./d.ts ./f.ts ./g.ts");
});

test("the parser sees impure uses, and ignores words in texts and comments", () => {
  const text = `
    Date.now(); Math.random(); process.env.HOME; fetch("x"); new Date(); setTimeout(() => {}, 1);
    job.process(1); new Date(0); Math.max(1, 2); // Date.now()
    const message = "process.env";
  `;
  const { impure } = parse("x.ts", text);
  expect(new Set(impure)).toEqual(
    new Set(["Date.now", "Math.random", "process", "fetch", "new Date()", "setTimeout"]),
  );
});

test.for([
  ["src/core/records/tree.ts", "./plan.ts", false, null],
  ["src/core/records/tree.ts", "node:crypto", false, "core may not import node:"],
  ["src/testing/run-batch.ts", "../steps/worker.ts", false, null],
  ["src/testing/run-batch.ts", "../local/engine/pump.ts", false, "testing may not import local"],
  ["src/cli/main.ts", "../testing/testing.ts", true, "cli may not import testing"],
  ["src/core/records/tree.ts", "../../ports.ts", true, "core may not import ports"],
  ["src/core/records/tree.ts", "zod", true, "core may not import the package zod"],
  ["src/batch/steering/end.ts", "../../ports.ts", true, null],
  ["src/batch/steering/end.ts", "../../ports.ts", false, "batch may import only types from ports"],
  ["src/steps/worker.ts", "../local/thread.ts", false, "steps may not import local"],
  ["src/api/routes.ts", "../steps/worker.ts", true, "api may not import steps"],
  ["src/cli/main.ts", "../steps/worker.ts", true, "cli may not import steps"],
  ["src/cli/place.ts", "../local/engine/engine.ts", true, "cli may not import local"],
  ["src/runner/runner.ts", "../steps/run-protocol.ts", false, "runner may not import steps"],
  ["src/steps/worker.ts", "../core/tree.js", false, "a relative import has to end in .ts"],
  ["src/aws/queue.ts", "@aws-sdk/client-sqs", false, null],
  ["examples/sums.ts", "fanjoin", false, null],
  ["examples/sums.ts", "./shared/schema.ts", false, null],
  ["examples/sums.ts", "../src/index.ts", false, "examples may not import index"],
  ["src/helpers/x.ts", "./y.ts", false, "the file is in no area of the table"],
] as const)("%s imports %s (types only: %s): %s", ([path, from, typeOnly, verdict]) => {
  expect(complaint(path, { from, typeOnly })).toBe(verdict);
});

test("an entry point with code of its own is noticed", () => {
  expect(parse("index.ts", 'export * from "./job.ts"; export { a } from "./a.ts";').reexportsOnly).toBe(true);
  expect(parse("index.ts", "export const a = 1;").reexportsOnly).toBe(false);
});
