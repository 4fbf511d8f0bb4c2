import { expect, test } from "vitest";
import { bench, specFor } from "../engine/engines.ts";

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
