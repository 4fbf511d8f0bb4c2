/** Inputs that cannot be read are failed items or a refusal, and never missing without a word. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BIN, workspace } from "../command.ts";
import type { Workspace } from "../command.ts";
import { runAny } from "./any-command.ts";

function jobs(): Workspace {
  const at = workspace();
  const header = `import { count, defineJob, files, lines } from "fanjoin"; export default defineJob({ join: count(), retries: 0, `;
  // It never reads the file.
  at.write("names.ts", `${header} name: "names", input: files(), process: (file) => file.name });`);
  at.write(
    "texts.ts",
    `${header} name: "texts", input: files({ as: "text" }), process: (file) => file.name });`,
  );
  at.write("lines.ts", `${header} name: "lines", input: lines(), process: (line) => line });`);
  at.write("in/a.txt", "one\n");
  at.write("in/z.txt", "two\n");
  return at;
}

const LINUX = process.platform === "linux";

function breakInputs(at: Workspace): string[] {
  symlinkSync("nowhere", join(at.path, "in/dangling.txt"));
  symlinkSync("loop.txt", join(at.path, "in/loop.txt"));
  if (!LINUX) return ["in/dangling.txt", "in/loop.txt"];
  writeFileSync(Buffer.from(join(at.path, "in/x\xFF.txt"), "latin1"), "three\n");
  return ["in/dangling.txt", "in/loop.txt", String.raw`in/x\xff.txt`];
}

test.for(["names.ts", "texts.ts"])("each is one failed item of files() (%s)", async (job) => {
  const at = jobs();
  const broken = breakInputs(at);
  for (const input of ["in", "in/*", "**/*.txt"]) {
    const { code, summary } = await at.json("run", job, input, "--chunk-items", "2");
    expect(summary.items).toMatchObject({ total: 2 + broken.length, succeeded: 2, failed: broken.length });
    expect(code).toBe(1);
    const failed = JSON.parse((await at.run("failed", summary.batch, "--json")).stdout) as unknown[];
    expect(failed).toMatchObject(
      broken.map((source) => ({
        source,
        item: source,
        code: "ITEM_UNREADABLE",
        error: {
          message: expect.stringMatching(/^(is a link to nowhere|cannot be read \(ELOOP|has a name that)/),
        },
      })),
    );
  }
});

test("a redrive of such an item fails it again", async () => {
  const at = jobs();
  symlinkSync("nowhere", join(at.path, "in/dangling.txt"));
  const { summary } = await at.json("run", "names.ts", "in");
  const again = await at.json("redrive", summary.batch);
  expect(again.summary.items).toMatchObject({ total: 3, succeeded: 2, failed: 1 });
  expect(again.code).toBe(1);
});

test.for(["in", "in/*", "**/*.txt"])("each is refused as an input of other readers: %s", async (input) => {
  const at = jobs();
  const broken = breakInputs(at);
  const { code, stdout, stderr } = await at.run("run", "lines.ts", input, "--json");
  expect(stderr).toMatch(
    new RegExp(
      `^fanjoin: in/(dangling|loop|x\\S+)\\.txt .* \\(and ${broken.length - 1} other paths? cannot be read\\): mend or remove it, or name the other inputs \\[INPUT_\\w+\\]\nSee .+\n$`,
    ),
  );
  expect([code, stdout]).toEqual([2, ""]);
});

test("a directory that may not be read is no bug in fanjoin", async () => {
  const at = jobs();
  mkdirSync(join(at.path, "in/locked"));
  symlinkSync(join(at.path, "in/a.txt", "below"), join(at.path, "odd"));
  for (const [job, input] of [
    ["names.ts", "in/a.txt/below"],
    ["lines.ts", "in/a.txt/*"],
    ["lines.ts", "odd"],
  ] as const) {
    const { code, stderr } = await at.run("run", job, input);
    expect(stderr).toMatch(/^fanjoin: .*\[INPUT_\w+\]\nSee .+\n$/);
    expect(code).toBe(2);
  }
});

test.skipIf(process.getuid?.() !== 0 || !LINUX)(
  "a directory that somebody else may not read is one failed item of files(), or refused",
  async () => {
    const at = jobs();
    at.write("in/locked/b.txt", "no\n");
    chmodSync(join(at.path, "in/locked"), 0o700);
    execFileSync("chown", ["-R", "nobody", at.path]);
    execFileSync("chown", ["root", join(at.path, "in/locked")]);
    const outcome = await runAs("nobody", at, ["run", "names.ts", "in", "--json"]);
    expect(outcome.stderr).not.toContain("bug in fanjoin");
    expect(JSON.parse(outcome.stdout)).toMatchObject({ items: { total: 3, succeeded: 2, failed: 1 } });
    expect(outcome.code).toBe(1);
    const refused = await runAs("nobody", at, ["run", "lines.ts", "in/**/*.txt"]);
    expect(refused.stderr).toMatch(
      /^fanjoin: in\/locked cannot be read \(EACCES: .*\[INPUT_INVALID\]\nSee .+\n$/,
    );
    expect(refused.code).toBe(2);
  },
);

async function runAs(user: string, at: Workspace, args: readonly string[]) {
  const uid = Number(execFileSync("id", ["-u", user], { encoding: "utf8" }));
  const env = { ...process.env, HOME: at.path };
  return runAny(process.execPath, [BIN, ...args], { cwd: at.path, uid, env });
}

test("what a directory leaves out is said, but not with --quiet", async () => {
  const at = jobs();
  at.write("in/.DS_Store", "");
  at.write("in/b.txt.part", "");
  at.write("in/sub/c.txt", "");
  const said = "left out of in: 1 hidden name, 1 unfinished file, 1 directory\n";
  const loud = await at.run("run", "lines.ts", "in");
  expect(loud.stderr).toContain(said);
  expect(loud.code).toBe(0);
  expect((await at.run("run", "lines.ts", "in", "--quiet")).stderr).toBe("");
  expect((await at.run("run", "names.ts", "in")).stderr).toContain(
    "left out of in: 1 hidden name, 1 unfinished file\n",
  );
});

/** Runs the command by a shell, with this in place of standard input. */
async function withInput(at: Workspace, redirection: string, ...args: string[]) {
  const command = ["-c", `exec "$@" ${redirection}`, "sh", process.execPath, BIN, ...args];
  return runAny("sh", command, { cwd: at.path });
}

test.skipIf(process.platform === "win32").for([
  [
    "<&-",
    /^fanjoin: standard input is closed, or is \/dev\/null: pipe the input in, .*\[INPUT_INVALID\]\nSee .+\n$/,
  ],
  ["< in", /^fanjoin: standard input is a directory: pipe the input in, .*\[INPUT_INVALID\]\nSee .+\n$/],
] as const)("standard input that is %s is refused", async ([redirection, says]) => {
  const at = jobs();
  const { code, stdout, stderr } = await withInput(at, redirection, "run", "lines.ts", "-");
  expect(stderr).toMatch(says);
  expect([code, stdout]).toEqual([2, ""]);
});

test.skipIf(process.platform === "win32").for(["< in/a.txt", "< /dev/null"])(
  "standard input that is %s is read",
  async (redirection) => {
    const at = jobs();
    const { code, stdout } = await withInput(at, redirection, "run", "lines.ts", "-", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ items: { total: redirection.endsWith("null") ? 0 : 1 } });
    expect(code).toBe(0);
  },
);
