import { readFileSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { bench, specFor } from "../../engine/engines.ts";

const HEAD = `import { defineJob, range } from "fanjoin";\n`;
const GOOD = `export default defineJob({ name: "good", input: range(3), process: (n) => n });`;

/** Job files that cannot be loaded, and what the error says of each. */
const MISTAKES: readonly (readonly [title: string, text: string, says: RegExp])[] = [
  ["a syntax error, with its line", `${HEAD}const a = ;\n${GOOD}`, /job\.ts:2/],
  ["a module without a default export", `${HEAD}export const job = 1;`, /no default export/],
  ["a default export that is no job", `export default { name: "plain" };`, /not a job.*defineJob/],
  ["a module that throws, with the place", `${HEAD}throw new Error("not today");`, /not today[^]*job\.ts:2/],
  ["a module that throws nothing of use", `throw null;`, /null/],
  [
    "a wrong option",
    `${HEAD}export default defineJob({ name: "good", input: range(3), process: (n) => n, concurrency: 0 });`,
    /concurrency/,
  ],
  [
    "an option that does not exist",
    `${HEAD}export default defineJob({ name: "good", input: range(3), process: (n) => n, retires: 3 });`,
    /retires/,
  ],
  [
    "an import that is missing",
    `import "./nowhere.ts"; ${HEAD}${GOOD}`,
    /nowhere[^]*Relative imports need their ending/,
  ],
  ["an enum", `${HEAD}enum Colour { Red }\n${GOOD}`, /enums/],
  [
    "a type that is imported as a value",
    `import { defineJob, range, Reader } from "fanjoin";\n${GOOD}`,
    /import type/,
  ],
  ["a module that ends its thread", `process.exit(4);`, /exit code 4/],
];

test.each(MISTAKES)("JOB_INVALID explains %s", async (_, text, says) => {
  const at = bench();
  const engine = await at.open(1);
  await expect(engine.load(at.write("job.ts", text))).rejects.toMatchObject({
    code: "JOB_INVALID",
    message: expect.stringMatching(says) as string,
  });
});

describe("an error in a file that the job imports is JOB_INVALID, and names that file, the line and the column", () => {
  test.for<[title: string, name: string, text: string, says: RegExp]>([
    [
      "TypeScript that cannot be parsed",
      "h.ts",
      "export const a = 1;\nconst b = ;",
      /Expression expected, at \S+\/h\.ts:2\n/,
    ],
    [
      "a name that is declared twice",
      "h.mjs",
      "export const a = 1;\nlet a = 2;",
      /'a'[^]*\/h\.mjs:2:5\nlet a = 2;\n {4}\^/,
    ],
    [
      "the same in TypeScript, whose line is shown as it is",
      "h.ts",
      "#!/usr/bin/env node\nexport const a: number = 1;\nexport const a: number = 2;",
      /'a'[^]*\/h\.ts:3:14\nexport const a: number = 2;\n {13}\^/,
    ],
    [
      "a regular expression that is none",
      "h.ts",
      "export const r =\n  /a(/;",
      /Unterminated group, at \S+\/h\.ts:2:3/,
    ],
    [
      "a decorator",
      "h.ts",
      "const d = (a) => a;\nexport class A {\n  @d\n  m() {}\n}",
      /\/h\.ts:3:3\. .* so decorators cannot be used\n {2}@d\n {2}\^/,
    ],
    ["an enum", "h.ts", "export const a = 1;\nenum B { C }", /\/h\.ts:2\. .*enums/],
    [
      "CommonJS that cannot be parsed",
      "h.cjs",
      "const a = 1;\nconst a = 2;",
      /SyntaxError: Ident[^]*\/h\.cjs:2\n/,
    ],
    [
      "text that is parsed when the module runs",
      "h.ts",
      'export const a =\n  new RegExp("a(");',
      /group\n.*h\.ts:2:3/,
    ],
    ["JSON that is parsed when the module runs", "h.ts", '\nJSON.parse("{ no");', /JSON[^]*h\.ts:2:6/],
    [
      "a cause",
      "h.ts",
      '\nthrow new Error("a", { cause: new TypeError("b") });',
      /Error: a, cause: TypeError: b\n.*h\.ts:2:7/,
    ],
    [
      "an import that the imported file has not",
      "h.ts",
      '\nimport { none } from "./job.ts";',
      /'none', at \S+\/h\.ts:2\. .*import type/,
    ],
    ["a thrown null", "h.ts", "throw null;", /null was thrown, which is no error/],
    ["a thrown object", "h.ts", "throw { status: 502 };", /\{"status":502\}/],
    [
      "an error whose properties throw",
      "h.ts",
      'throw Object.defineProperty(new Error("x"), "message", { get() { throw 1; } });',
      /cannot be read/,
    ],
  ])("%s", async ([, name, text, says]) => {
    const at = bench();
    const engine = await at.open(1);
    at.write(name, text);
    const job = at.write("job.ts", `import "./${name}";\n${HEAD}${GOOD}`);
    await expect(engine.load(job)).rejects.toMatchObject({
      code: "JOB_INVALID",
      message: expect.stringMatching(says) as string,
    });
  });

  test("and of several files it is the one with the error", async () => {
    const at = bench();
    const engine = await at.open(1);
    at.write("good.ts", "export const a = 1;");
    at.write("bad.ts", "export const a = 1;\n\nexport const a = 2;");
    const imports = `await Promise.all([import("./bad.ts"), import("./good.ts")]);`;
    const job = at.write("job.ts", `${HEAD}${imports}\n${GOOD}`);
    await expect(engine.load(job)).rejects.toThrow(/\/bad\.ts:3:14/);
  });
});

describe("CommonJS", () => {
  const COMPILED = `"use strict";
    Object.defineProperty(exports, "__esModule", { value: true });
    const { defineJob, range } = require("fanjoin");
    exports.default = defineJob({ name: "good", input: range(3), process: (n) => n });`;

  test.for([
    ["what tsc writes", "job.cjs", COMPILED],
    [
      "what esbuild writes",
      "job.cjs",
      `var job_exports = {};
      Object.defineProperty(job_exports, "default", { get: () => job_default, enumerable: true });
      module.exports = Object.defineProperty(job_exports, "__esModule", { value: true });
      var { defineJob, range } = require("fanjoin");
      var job_default = defineJob({ name: "good", input: range(3), process: (n) => n });`,
    ],
    [
      "what people write",
      "job.cts",
      `const { defineJob, range } = require("fanjoin");
      module.exports = defineJob({ name: "good", input: range(3), process: (n: number) => n });`,
    ],
  ] as const)("%s is a job", async ([, name, text]) => {
    const at = bench();
    const engine = await at.open(1);
    expect(await engine.load(at.write(name, text))).toMatchObject({ name: "good" });
  });

  test.for([
    [`exports.default = 5;`, /default export is 5, not a job/],
    [``, /no default export/],
  ] as const)("a compiled module without a job is JOB_INVALID: %s", async ([text, says]) => {
    const at = bench();
    const engine = await at.open(1);
    const file = at.write(
      "job.cjs",
      `Object.defineProperty(exports, "__esModule", { value: true }); ${text}`,
    );
    await expect(engine.load(file)).rejects.toThrow(says);
  });
});

describe("a package that calls itself CommonJS, as npm init makes it", () => {
  const PACKAGE = `{ "name": "fresh", "version": "1.0.0", "main": "index.js", "type": "commonjs" }`;

  test("runs the first example of the README, without a warning", async () => {
    const at = bench();
    const engine = await at.open(1);
    at.write("package.json", PACKAGE);
    symlinkSync(fileURLToPath(new URL("../../../../node_modules", import.meta.url)), at.path("node_modules"));
    const readme = readFileSync(new URL("../../../../README.md", import.meta.url), "utf8");
    const [, text = ""] = /```ts\n([^]*?)```/.exec(readme) ?? [];
    expect(await engine.load(at.write("sales.ts", text))).toMatchObject({ name: "sales-by-country" });
    expect(at.log).toEqual([]);
  });

  test.for([
    ["job.js", `import { double } from "./double.ts"; ${HEAD}${GOOD.replace("=> n", "=> double(n)")}`],
    ["job.ts", `import { double } from "./double.js"; ${HEAD}${GOOD.replace("=> n", "=> double(n)")}`],
    [
      "job.ts",
      `const { one } = require("./one.js"); const { defineJob, range } = require("fanjoin");
      module.exports = defineJob({ name: "good", input: range(one), process: (n: number) => n });`,
    ],
  ] as const)("may have modules and scripts side by side: %s, %s", async ([name, text]) => {
    const at = bench();
    const engine = await at.open(1);
    at.write("package.json", PACKAGE);
    at.write(
      "double.ts",
      `import one from "./one.js"; export const double = (n: number): number => n * (1 + one.one);`,
    );
    at.write("double.js", `export { double } from "./double.ts";`);
    at.write("one.js", `module.exports = { one: 1 };`);
    expect(await engine.load(at.write(name, text))).toMatchObject({ name: "good" });
  });

  test("has its syntax errors named like others", async () => {
    const at = bench();
    const engine = await at.open(1);
    at.write("package.json", PACKAGE);
    const job = at.write("job.ts", `${HEAD}const a = 1;\nconst a = 2;\n${GOOD}`);
    await expect(engine.load(job)).rejects.toThrow(/'a' has already been declared, at \S+\/job\.ts:3:7\n/);
  });
});

test("a job file that does not exist is JOB_INVALID, and names the file", async () => {
  const at = bench();
  const engine = await at.open(1);
  await expect(engine.load(at.path("none.ts"))).rejects.toMatchObject({
    code: "JOB_INVALID",
    message: expect.stringContaining("none.ts") as string,
  });
});

test("a job outside of any project finds fanjoin, and imports its own helpers", async () => {
  const at = bench();
  const engine = await at.open(1);
  at.write("double.ts", "export const double = (n: number): number => n * 2;");
  const text = `import { double } from "./double.ts";\n${HEAD}export default defineJob({ name: "good", input: range(3), process: (n) => double(n) });`;
  expect(await engine.load(at.write("job.ts", text))).toMatchObject({
    name: "good",
    joins: false,
    outputs: false,
  });
});

test("parameters are checked by the job's own schema", async () => {
  const at = bench();
  const engine = await at.open(1);
  const schema = `{ "~standard": { version: 1, vendor: "test", validate: (value) => value === 7 ? { value } : { issues: [{ message: "seven, please" }] } } }`;
  const job = at.write(
    "job.ts",
    `${HEAD}export default defineJob({ name: "good", input: range(3), params: ${schema}, process: (n) => n });`,
  );
  await expect(engine.load(job, 8)).rejects.toMatchObject({
    code: "JOB_INVALID",
    message: expect.stringContaining("seven, please") as string,
  });
  expect(await engine.load(job, 7)).toMatchObject({ name: "good" });
});

test("a job is described with its schemas, and its params are checked, while its threads are busy", async () => {
  const at = bench();
  const schema = `{ "~standard": {
    version: 1, vendor: "test",
    validate: (value) => value === 7 ? { value } : { issues: [{ message: "seven, please" }] },
    jsonSchema: { input: ({ target }) => ({ target, const: 7 }) },
  } }`;
  const text = `${HEAD}export default defineJob({
    name: "busy", input: range(2), params: ${schema}, item: { "~standard": { validate: (value) => ({ value }) } },
    process: () => new Promise(() => {}),
  });`;
  const file = at.write("busy.ts", text);
  const engine = await at.open(1);
  const job = await engine.describe(file);
  // A schema of a library that cannot write it as a JSON Schema takes anything, as far as one can tell.
  expect(job.schemas).toEqual({ item: {}, params: { target: "draft-2020-12", const: 7 } });
  await engine.submit(specFor(job, { items: 1, params: 7 }));
  expect(await engine.describe(file, 7)).toMatchObject({ name: "busy", file });
  await expect(engine.describe(file, 8)).rejects.toMatchObject({ code: "JOB_INVALID" });
});
