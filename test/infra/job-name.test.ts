/** The name of a job, as the syntax of its file shows it. */
import { Stack } from "aws-cdk-lib";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { Fanjoin } from "../../infra/fanjoin.ts";
import { nameIn } from "../../infra/job-name.ts";
import { ExamplesStack } from "../../infra/stack.ts";
import { bareApp, example, jobFile } from "./synth.ts";

const IMPORT = 'import { csv, defineJob } from "fanjoin";';

test.for([
  ["a call", 'export default defineJob({ input: csv(), name: "sales" });'],
  ["a template without expressions", "export default defineJob({ name: `sales` });"],
  ["a quoted key", 'export default defineJob({ "name": "sales" });'],
  ["a computed literal as its key", 'export default defineJob({ ["name"]: "sales" });'],
  ["a constant", 'const job = defineJob({ name: "sales" }); export default job;'],
  [
    "a constant that is exported, too",
    'export const job = defineJob({ name: "sales" }); export default job;',
  ],
  ["a list of exports", 'const job = defineJob({ name: "sales" }); export { job as default };'],
  ["a spread in front of the name", 'export default defineJob({ ...usual, name: "sales" });'],
  ["the last of two names", 'export default defineJob({ name: "other", name: "sales" });'],
  ["a namespace", 'import * as fanjoin from "fanjoin"; export default fanjoin.defineJob({ name: "sales" });'],
  ["a renamed import", 'import { defineJob as job } from "fanjoin"; export default job({ name: "sales" });'],
  [
    "names elsewhere in it",
    'export default defineJob({ item: { name: "x" }, name: "sales", y: { name: "z" } });',
  ],
  ["CommonJS", 'const { defineJob } = require("fanjoin"); module.exports = defineJob({ name: "sales" });'],
  [
    "CommonJS with two assignments",
    'exports.default = void 0; exports.default = fanjoin.defineJob({ name: "sales" });',
  ],
  ["compiled CommonJS", 'exports.default = (0, fanjoin_1.defineJob)({ name: "sales" });'],
] as const)("is read from %s", ([, code]) => {
  expect(nameIn(code.includes("import") || code.includes("exports") ? code : `${IMPORT}${code}`)).toBe(
    "sales",
  );
});

test.for([
  ["a variable", 'const NAME = "sales"; export default defineJob({ name: NAME });'],
  ["a shorthand", 'const name = "sales"; export default defineJob({ name });'],
  ["an expression", 'export default defineJob({ name: "sa" + "les" });'],
  ["a template with expressions", "export default defineJob({ name: `sales-${region}` });"],
  ["a number", "export default defineJob({ name: 3 });"],
  ["a getter", 'export default defineJob({ get name() { return "sales"; } });'],
  ["a spread behind the name", 'export default defineJob({ name: "sales", ...more });'],
  ["a computed key behind the name", 'export default defineJob({ name: "sales", [key]: "x" });'],
  ["a definition elsewhere", 'const it = { name: "x" }; it.name = "sales"; export default defineJob(it);'],
  ["a wrapper's call", 'import { defineJob } from "./our.ts"; export default defineJob({ name: "sales" });'],
  [
    "a wrapper's namespace",
    'import * as our from "./our.ts"; export default our.defineJob({ name: "sales" });',
  ],
  ["a call of another function", 'export default salesJob({ name: "sales" });'],
  ["a wrapped call", 'export default traced(defineJob({ name: "sales" }));'],
  ["another file", 'export { default } from "./sales.ts";'],
  ["a variable that may change", 'let job = defineJob({ name: "x" }); job = other; export default job;'],
  ["a class", "export default class {}"],
  ["no default export", 'export const job = defineJob({ name: "sales" });'],
  ["an argument that is spread", "export default defineJob(...args);"],
] as const)("is not read from %s", ([, code]) => {
  expect(nameIn(code)).toBeNull();
});

function fanjoin(): { readonly stack: Stack; readonly fanjoin: Fanjoin } {
  const stack = new Stack(bareApp(), "shop");
  return { stack, fanjoin: new Fanjoin(stack, "Fanjoin") };
}

const warnings = (stack: Stack): unknown[] =>
  Annotations.fromStack(stack)
    .findWarning("*", Match.anyValue())
    .map(({ entry }) => entry.data);

test.for(["sales", "word-counts"])("addJob refuses the name %s for a file with another job", (name) => {
  expect(() => fanjoin().fanjoin.addJob(name, { entry: example("word-count") })).toThrow(
    `defines the job "word-count", but addJob names it "${name}"`,
  );
});

test("addJob takes a file whose job has the given name, without a warning", () => {
  const { stack, fanjoin: own } = fanjoin();
  own.addJob("word-count", { entry: example("word-count") });
  const typed = `${IMPORT} interface Row { a: string }
    export default defineJob<Row>({ name: "typed" as const, input: csv(), process: (row) => row!.a });`;
  own.addJob("typed", { entry: jobFile("typed", typed) });
  expect(warnings(stack)).toEqual([]);
});

test.for([
  [
    "whose name is not a literal",
    `${IMPORT} export default defineJob({ name: process.env.JOB, input: csv() });`,
  ],
  ["that cannot be parsed", "export default {;"],
] as const)("addJob warns of a file %s, and does not run it", ([, text]) => {
  const { stack, fanjoin: own } = fanjoin();
  own.addJob("sales", { entry: jobFile("sales", `${text}\nthrow new Error("it ran");`) });
  expect(warnings(stack)).toEqual([
    expect.stringContaining('does not show its job\'s name, so nobody checks that it is "sales"'),
  ]);
});

test("the stack of the examples has no warning", () => {
  expect(warnings(new ExamplesStack(bareApp(), "fanjoin"))).toEqual([]);
});
