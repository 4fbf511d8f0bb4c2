import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const VITEST = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const REPORTER = fileURLToPath(new URL("reporter.ts", import.meta.url));

/** Runs vitest on `files` in a temporary directory. */
async function run(
  files: Record<string, string>,
): Promise<{ line: string | undefined; exitCode: number | null }> {
  const directory = await mkdtemp(join(tmpdir(), "fanjoin-reporter-"));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    const flags = ["run", "--globals", "--root", directory, "--reporter", "default", "--reporter", REPORTER];
    return await new Promise((resolve) => {
      const child = execFile(process.execPath, [VITEST, ...flags], (_error, stdout) => {
        resolve({ line: stdout.trimEnd().split("\n").at(-1), exitCode: child.exitCode });
      });
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}

test("a run that passes ends with its counts and exits 0", async () => {
  const files = { "a.test.js": "test('one', () => {}); test('two', () => {});" };
  expect(await run(files)).toEqual({ line: "2 passed, 0 failed", exitCode: 0 });
});

test("failed tests, skipped tests and files that cannot be collected are all counted", async () => {
  const files = {
    "mixed.test.js": "test('good', () => {}); test('bad', () => { throw 1 }); test.skip('later', () => {});",
    "broken.test.js": "throw new Error('not collected')",
  };
  expect(await run(files)).toEqual({ line: "1 passed, 2 failed, 1 skipped", exitCode: 1 });
});

test("a test process that dies is a failure", async () => {
  const { line, exitCode } = await run({
    "dies.test.js": "test('dies', () => process.kill(process.pid, 'SIGKILL'));",
  });
  expect(line).toMatch(/^0 passed, [1-9]\d* failed$/);
  expect(exitCode).toBe(1);
});
