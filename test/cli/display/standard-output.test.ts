/** Standard output that cannot be written, and standard output that is a terminal. */
import { closeSync, existsSync, openSync } from "node:fs";
import { spawnSync } from "node:child_process";
import type { SpawnSyncReturns } from "node:child_process";
import { afterEach, expect, test, vi } from "vitest";
import { printFile, printJson, printLinesAsArray } from "../../../src/cli/display/standard-output.ts";
import { BIN, rangeJob, workspace } from "../command.ts";
import type { Workspace } from "../command.ts";

/** Every write to it fails as on a full disk. */
const FULL = "/dev/full";

function runFull(at: Workspace, full: "stdout" | "stderr", ...args: string[]): SpawnSyncReturns<string> {
  const fd = openSync(FULL, "w");
  try {
    const stdio = full === "stdout" ? (["ignore", fd, "pipe"] as const) : (["ignore", "pipe", fd] as const);
    return spawnSync(process.execPath, [BIN, ...args], { cwd: at.path, stdio: [...stdio], encoding: "utf8" });
  } finally {
    closeSync(fd);
  }
}

test.skipIf(!existsSync(FULL))(
  "standard output on a full disk is a sentence and exit code 3, for every command",
  async () => {
    const at = workspace();
    at.write(
      "numbers.ts",
      rangeJob({ process: "(n) => { if (n === 3) throw new Error('three'); return n; }" }),
    );
    const { summary } = await at.json("run", "numbers.ts");
    const { batch } = summary;
    for (const args of [
      ["run", "numbers.ts"],
      ["run", "numbers.ts", "--json"],
      ["run", "numbers.ts", "--output", "-"],
      ["resume", batch],
      ["redrive", batch, "--json"],
      ["list"],
      ["show", batch],
      ["watch", batch],
      ["result", batch],
      ["failed", batch],
      ["failed", batch, "--json"],
      ["cancel", batch],
      ["--help"],
      ["--version"],
    ]) {
      const { status, stderr } = runFull(at, "stdout", ...args);
      expect([args, status]).toEqual([args, 3]);
      expect(stderr).toContain("fanjoin: cannot write to standard output: ENOSPC");
      expect(stderr).not.toMatch(/\n {4}at /);
    }
  },
);

test.skipIf(!existsSync(FULL))("standard error on a full disk changes nothing", async () => {
  const at = workspace();
  at.write("numbers.ts", rangeJob({ process: "(n) => { console.error(n); return n; }" }));
  const { status, stdout } = runFull(at, "stderr", "run", "numbers.ts", "--json");
  expect([status, JSON.parse(stdout)]).toMatchObject([0, { state: "succeeded" }]);
  expect(runFull(at, "stderr", "show", "nothing").status).toBe(2);
});

let blocks: Uint8Array[] = [];
const written = (): string => Buffer.concat(blocks).toString();

/** Captures standard output, as a terminal or not. */
function capture(isTTY: boolean): void {
  const before = process.stdout.isTTY;
  blocks = [];
  vi.spyOn(process.stdout, "write").mockImplementation((block) => {
    blocks.push(Buffer.from(block));
    return true;
  });
  process.stdout.isTTY = isTTY;
  restore = () => (process.stdout.isTTY = before);
}

let restore = (): unknown => undefined;

afterEach(() => {
  restore();
  vi.restoreAllMocks();
});

const HOSTILE = "\u009b2J\u202eevil";
const contentOf = async function* (text: string): AsyncGenerator<Uint8Array> {
  for (const byte of Buffer.from(text)) yield Uint8Array.of(byte);
};

test("on a terminal, JSON shows control characters as escapes that mean the same", async () => {
  capture(true);
  printJson({ name: HOSTILE });
  await printFile(contentOf(`"${HOSTILE}ü\u001b"\n`));
  await printLinesAsArray(contentOf(`"${HOSTILE}"\n`));
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  expect(written()).not.toMatch(/[\u001b\u009b\u202e]/);
  expect(written()).toContain(String.raw`"\u009b2J\u202eevilü\u001b"`);
});

test("a file gets the bytes as they are", async () => {
  capture(false);
  printJson({ name: HOSTILE });
  await printFile(contentOf(`"${HOSTILE}"`));
  expect(written()).toBe(`{"name":"${HOSTILE}"}\n"${HOSTILE}"`);
});
