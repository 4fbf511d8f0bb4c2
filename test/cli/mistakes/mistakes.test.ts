import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workspace, rangeJob } from "../command.ts";

test.for([
  [
    "an unknown option is answered with the one that was meant",
    ["run", "sum.ts", "--jsn"],
    "unknown option '--jsn'\n(Did you mean --json?)",
  ],
  [
    "an unknown command is answered with the one that was meant",
    ["lst"],
    "unknown command 'lst'\n(Did you mean list?)",
  ],
  ["a missing argument is named", ["run"], "missing required argument 'job'"],
  ["a number has to be one", ["run", "sum.ts", "--concurrency", "many"], "whole number of at least 1"],
  ["parameters have to be JSON", ["run", "sum.ts", "--params", "{by:2}"], "is not JSON"],
  [
    "parameters have to hold numbers that JSON can hold",
    ["run", "sum.ts", "--params", '{"by":1e400}'],
    ".by is too large for a number",
  ],
  [
    "a file of parameters has to exist",
    ["run", "sum.ts", "--params", "@no.json"],
    "the file no.json does not exist",
  ],
  [
    "standard output cannot be two things",
    ["run", "sum.ts", "--json", "--output", "-"],
    "both need standard output",
  ],
  [
    "a place for the output has to exist",
    ["run", "sum.ts", "--output", "no/out.json"],
    "the directory no is missing",
  ],
  [
    "an output must not replace the input",
    ["run", "lines.ts", "sum.ts", "--output", "sum.ts"],
    "is the input sum.ts, which it would replace",
  ],
  [
    "an output must not replace the job's file",
    ["run", "sum.ts", "--output", "sum.ts"],
    "is the job's file, which it would replace",
  ],
  [
    "an output must not lie in the state directory",
    ["run", "sum.ts", "--dir", ".", "--output", "state.db"],
    "is in the state directory",
  ],
  ["a missing job file is named", ["run", "no.ts"], "there is no job file no.ts [JOB_INVALID]"],
  ["a missing input is named", ["run", "sum.ts", "no.csv"], "there is no file no.csv [INPUT_NOT_FOUND]"],
  ["a glob has to match", ["run", "sum.ts", "*.csv"], "no file matches *.csv [INPUT_NOT_FOUND]"],
  ["a job with its own input takes no other", ["run", "sum.ts", "sum.ts"], "brings its own input"],
  ["a job that reads files needs one", ["run", "lines.ts"], "give a file, a directory or a glob"],
  ["an unknown batch is named", ["show", "01ABC"], "there is no batch 01ABC in .fanjoin"],
  ["there may be nothing to resume", ["resume"], "there is no batch in .fanjoin"],
  [
    "a syntax error is shown with its place",
    ["run", "broken.ts"],
    "broken.ts:1 [JOB_INVALID]\nconst a = ;\n          ^",
  ],
] as const)("%s, and nothing is started: exit code 2", async ([, args, said]) => {
  const at = workspace();
  at.write("sum.ts", rangeJob());
  at.write("broken.ts", "const a = ;\n");
  at.write(
    "lines.ts",
    'import { defineJob, lines } from "fanjoin";\nexport default defineJob({ name: "lines", input: lines(), process: () => 1 });\n',
  );
  const { code, stdout, stderr } = await at.run(...args);
  expect(stderr).toContain(said);
  expect(stderr).toMatch(/^fanjoin: /);
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(stdout).toBe("");
  expect(code).toBe(2);
  expect(existsSync(join(at.path, ".fanjoin/batches"))).toBe(false);
});

test("reading a directory that does not exist does not create it", async () => {
  const at = workspace();
  const { code, stdout } = await at.run("list", "--json", "--dir", "state");
  expect(stdout).toBe("[]\n");
  expect(code).toBe(0);
  expect(existsSync(join(at.path, "state"))).toBe(false);
});
