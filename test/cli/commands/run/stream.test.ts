import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { BIN, rangeJob, workspace } from "../../command.ts";
import type { Running, Workspace } from "../../command.ts";

const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => `${from + n}\n`).join("");

/** A job that collects; items for which `waits` holds wait for the file `go`. */
function write(at: Workspace, { to = 20, waits = "false" } = {}): void {
  const process = `async (n) => {
    const { existsSync } = await import("node:fs");
    do await new Promise((resolve) => setTimeout(resolve, 10)); while ((${waits}) && !existsSync("go"));
    return n;
  }`;
  at.write(
    "job.ts",
    rangeJob({ to, process }).replace("join: sum()", "chunk: { items: 1 }, join: collect()"),
  );
}

/** Resolves once standard output holds `text`. */
async function printed({ child }: Running, text: string): Promise<void> {
  let stdout = "";
  for await (const block of child.stdout ?? []) {
    stdout += String(block);
    if (stdout.includes(text)) return;
  }
  throw new Error(`it ended without printing ${text}`);
}

test("run --stream prints the outputs in input order while the batch runs, and nothing else", async () => {
  const at = workspace();
  write(at, { waits: "n === 12" });
  const running = at.start("run", "job.ts", "--stream");
  const ended = running.ended;
  const early = new Promise<void>((resolve) => {
    running.child.stdout?.on("data", (text: string) => {
      if (text.includes("11\n")) resolve();
    });
  });
  await early;
  at.write("go", "");
  const { code, stdout, stderr } = await ended;
  expect(stdout).toBe(numbers(0, 20));
  expect(stderr).toMatch(/batch \w+ runs\n[^]*outputs/);
  expect(code).toBe(0);
});

test("run --stream --unordered prints the outputs as chunks are done", async () => {
  const at = workspace();
  write(at, { to: 30, waits: "n === 2" });
  const running = at.start("run", "job.ts", "--stream", "--unordered", "--concurrency", "2");
  running.child.stdout?.on("data", (text: string) => {
    if (text.includes("29\n")) at.write("go", "");
  });
  const lines = (await running.ended).stdout.trimEnd().split("\n").map(Number);
  expect(
    lines
      .toSorted((a, b) => a - b)
      .map((n) => `${n}\n`)
      .join(""),
  ).toBe(numbers(0, 30));
  expect(lines.indexOf(2)).toBeGreaterThan(20);
});

test("a consumer that closes the pipe ends the command quietly, and the batch can be resumed", async () => {
  const at = workspace();
  // Slow until the file `go` is there, so that it goes on printing when nobody reads any more.
  const process = `async (n) => {
    const { existsSync } = await import("node:fs");
    if (!existsSync("go")) await new Promise((resolve) => setTimeout(resolve, 10));
    return n;
  }`;
  at.write("job.ts", rangeJob({ to: 6000, process }).replace("join: sum()", "join: collect()"));
  const command = `"$0" "$@" | head -3`;
  const script = [
    "-c",
    `set -o pipefail; ${command}`,
    globalThis.process.execPath,
    BIN,
    "run",
    "job.ts",
    "--stream",
  ];
  const failure: unknown = await promisify(execFile)("bash", script, { cwd: at.path }).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: 130, stdout: numbers(0, 3) });
  expect(failure).toMatchObject({ stderr: expect.stringMatching(/^(numbers: .*\n)+$/) });
  at.write("go", "");
  const resumed = await at.run("resume", "--stream");
  expect(resumed).toMatchObject({ code: 0, stdout: numbers(0, 6000) });
  expect(resumed.stderr).not.toContain("died");
});

test("what was printed before a kill -9 is the beginning of what the resumed batch has", async () => {
  const at = workspace();
  // A chunk that ran twice would have other outputs.
  const process = `async (n) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return [n, Math.random()];
  }`;
  at.write("job.ts", rangeJob({ to: 600, process }).replace("join: sum()", "join: collect()"));
  const running = at.start("run", "job.ts", "--stream", "--chunk-items", "3");
  await printed(running, "[150,");
  running.child.kill("SIGKILL");
  const { stdout } = await running.ended;
  const { stdout: resumed } = await at.run("resume", "--stream");
  expect(resumed.trimEnd().split("\n")).toHaveLength(600);
  expect(resumed.startsWith(stdout.slice(0, stdout.lastIndexOf("\n") + 1))).toBe(true);
  expect(stdout).toContain("[150,");
});

test("Ctrl-C ends the stream and says how to go on", async () => {
  const at = workspace();
  write(at, { waits: "n === 12" });
  const running = at.start("run", "job.ts", "--stream");
  await printed(running, "11\n");
  running.child.kill("SIGINT");
  const { code, stderr } = await running.ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/To continue:\n {2}fanjoin resume \w+\n$/);
});

test("watch --stream prints the outputs of a batch that another process runs", async () => {
  const at = workspace();
  write(at, { waits: "n === 12" });
  const running = at.start("run", "job.ts");
  const [, batch = ""] = await running.said(/batch (\w+) runs/);
  const watching = at.start("watch", batch, "--stream");
  watching.child.stdout?.on("data", (text: string) => {
    if (text.includes("11\n")) at.write("go", "");
  });
  expect(await watching.ended).toMatchObject({ code: 0, stdout: numbers(0, 20) });
  expect((await running.ended).code).toBe(0);
});

test("resume --stream of a batch that has ended prints its outputs, and the summary on standard error", async () => {
  const at = workspace();
  write(at);
  await at.run("run", "job.ts");
  const { code, stdout, stderr } = await at.run("resume", "latest", "--stream");
  expect([code, stdout]).toEqual([0, numbers(0, 20)]);
  expect(stderr).toMatch(/outputs .*outputs\.jsonl/);
});

test.for([
  [["--stream", "--json"], /^fanjoin: --json and --stream both need standard output: leave out one of them/],
  [["--stream", "--output", "-"], /^fanjoin: --output - and --stream both need standard output/],
  [["--unordered"], /^fanjoin: --unordered goes with --stream/],
] as const)("run %j is refused before anything starts", async ([options, message]) => {
  const at = workspace();
  write(at);
  const { code, stdout, stderr } = await at.run("run", "job.ts", ...options);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(message);
  expect((await at.run("list")).stdout).not.toContain("numbers");
});

test("run --stream of a job that does not collect is refused before anything starts", async () => {
  const at = workspace();
  at.write("job.ts", rangeJob());
  const { code, stderr } = await at.run("run", "job.ts", "--stream");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^fanjoin: --stream prints outputs, but the job numbers has none/);
  expect((await at.run("list")).stdout).not.toContain("numbers");
});
