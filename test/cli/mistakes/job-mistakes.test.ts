/** Job files that cannot be loaded, tested with the real command. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workspace, rangeJob, SLOW } from "../command.ts";

const HEAD = 'import { defineJob, range } from "fanjoin";\n';
const define = (more: string): string =>
  `${HEAD}export default defineJob({ name: "good", input: range(3), process: (n) => n, ${more} });`;

test.for<readonly [title: string, text: string, says: RegExp]>([
  ["a syntax error, with its line", `${HEAD}const a = ;\n`, /job\.ts:2 \[JOB_INVALID\]\n[^]*const a = ;/],
  ["a module without a default export", "export const job = 1;", /no default export\. Export the job/],
  [
    "an unknown option, with the one that was meant",
    define("retires: 3"),
    /no option "retires"\. Did you mean "retries"\?/,
  ],
  [
    "an unknown option, with those there are",
    define("xyzzyplugh: 3"),
    /no option "xyzzyplugh"\. There are: name, input, .*deadlineMs/,
  ],
  [
    "a wrong option, with what is allowed",
    define("chunk: { items: 'many' }"),
    /chunk\.items has to be a whole number of at least 1, but is "many"/,
  ],
  [
    "what it throws, with the place",
    `${HEAD}throw new Error("not today");`,
    /Error: not today \[JOB_INVALID\]\n {4}at .*job\.ts:2/,
  ],
  [
    "a package that is missing",
    `import "no-such-package";\n${HEAD}`,
    /Cannot find package 'no-such-package'.*packages have to be installed/,
  ],
  [
    "a top level that awaits what never comes",
    `${HEAD}await new Promise(() => {});`,
    /job\.ts ended its thread while it was loaded: .*await what never comes\? \[JOB_INVALID\]\nSee .+\n$/,
  ],
])("a job file is refused for %s: exit code 2", async ([, text, says]) => {
  const at = workspace();
  at.write("job.ts", text);
  const { code, stdout, stderr } = await at.run("run", "job.ts");
  expect(stderr).toMatch(says);
  // On a slow machine, the notice about a slow job file comes first.
  expect(stderr).toMatch(/^(still loading .*\n)?fanjoin: /);
  expect(stdout).toBe("");
  expect(code).toBe(2);
  expect(existsSync(join(at.path, ".fanjoin/batches"))).toBe(false);
});

test.for([
  ["loops for ever", "while (true);"],
  ["waits for ever", "await new Promise(() => setInterval(() => {}, 1000));"],
] as const)("a job file that %s is reported after a few seconds, and Ctrl-C gives up", async ([, text]) => {
  const at = workspace();
  at.write("job.ts", `${HEAD}${text}`);
  const running = at.start("run", "job.ts");
  await running.said(/still loading .*job\.ts: .*Press Ctrl-C to give up/);
  running.child.kill("SIGINT");
  expect(await running.ended).toMatchObject({ code: 130, stdout: "" });
  expect((await at.run("list", "--json")).stdout).toBe("[]\n");
});

test("Ctrl-C while resume loads the job prints the resume command", async () => {
  const at = workspace();
  const BLOCKED =
    'if (existsSync("block")) { console.log("blocked now"); await new Promise(() => setInterval(() => {}, 1000)); }';
  at.write(
    "slow.ts",
    `import { existsSync } from "node:fs";\n${rangeJob({ to: 40, process: SLOW })}\n${BLOCKED}`,
  );
  const first = at.start("run", "slow.ts");
  const [, batch = ""] = await first.said(/batch (\w+) runs/);
  first.child.kill("SIGINT");
  expect((await first.ended).code).toBe(130);
  at.write("block", "");
  const second = at.start("resume");
  await second.said(/blocked now/);
  second.child.kill("SIGINT");
  const { code, stderr } = await second.ended;
  expect(stderr).toContain(`fanjoin resume ${batch}`);
  expect(code).toBe(130);
  at.write("slow.ts", rangeJob({ to: 40, process: "(n) => n" }));
  expect((await at.json("resume")).summary).toMatchObject({
    batch,
    state: "succeeded",
    result: { value: 780 },
  });
});
