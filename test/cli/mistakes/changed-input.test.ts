/** An input that is another one when the batch goes on. */
import { execFileSync } from "node:child_process";
import { chmodSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rangeJob, workspace } from "../command.ts";
import type { Workspace } from "../command.ts";

const TEXT = Array.from({ length: 200 }, (_, n) => `${n}\n`).join("");

/** Writes the input in place, always with the same time. */
function writeInput(at: Workspace, text: string): void {
  const path = join(at.path, "in.txt");
  writeFileSync(path, text, { flag: "r+" });
  utimesSync(path, 1e9, 1e9);
}

/** A workspace with a batch that was interrupted. */
async function interrupted(): Promise<Workspace> {
  const at = workspace();
  at.write(
    "slow.ts",
    rangeJob({
      process: `async (line, { log }) => { if (line === "9") log.info("nine"); await new Promise((go) => setTimeout(go, 20)); return Number(line); }`,
    })
      .replace("range(20)", "lines()")
      .replace("range,", "lines,"),
  );
  at.write("in.txt", TEXT);
  writeInput(at, TEXT);
  const running = at.start("run", "slow.ts", "in.txt", "--chunk-items", "5");
  await running.said(/nine/);
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  return at;
}

async function expectRefused(at: Workspace): Promise<void> {
  const { code, signal, stderr } = await at.run("resume");
  expect(stderr).toMatch(
    /\nfanjoin: the input in\.txt is not the one that the batch was planned from: .* \[INPUT_CHANGED\]\nSee .+\n$/,
  );
  expect([code, signal]).toEqual([2, null]);
}

test("bytes that were changed in place are refused, also with size and time kept, and a new mode is not", async () => {
  const at = await interrupted();
  writeInput(at, TEXT.replace("199", "991"));
  await expectRefused(at);
  writeInput(at, TEXT);
  chmodSync(join(at.path, "in.txt"), 0o600);
  const { summary, code } = await at.json("resume");
  expect(summary).toMatchObject({ state: "succeeded", result: { value: 19_900 } });
  expect(code).toBe(0);
});

test.skipIf(process.platform === "win32")(
  "a pipe in the place of the input is refused, and not waited for",
  async () => {
    const at = await interrupted();
    const [input, kept] = [join(at.path, "in.txt"), join(at.path, "kept.txt")];
    renameSync(input, kept);
    execFileSync("mkfifo", [input]);
    await expectRefused(at);
    rmSync(input);
    renameSync(kept, input);
    expect((await at.json("resume")).summary).toMatchObject({ result: { value: 19_900 } });
  },
);

test("an input with another mode is the same input for --id", async () => {
  const at = workspace();
  at.write(
    "count.ts",
    rangeJob({ process: "Number" }).replace("range(20)", "lines()").replace("range,", "lines,"),
  );
  at.write("in.txt", "1\n2\n");
  const first = await at.json("run", "count.ts", "in.txt", "--id", "x");
  chmodSync(join(at.path, "in.txt"), 0o600);
  const again = await at.json("run", "count.ts", "in.txt", "--id", "x");
  expect(again.summary).toEqual(first.summary);
});
