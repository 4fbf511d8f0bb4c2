import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BatchSummary } from "../../../../src/batch/summary/summary.ts";
import { rangeJob, workspace } from "../../command.ts";

const WAITS = "async (n) => { await new Promise((resolve) => setTimeout(resolve, 2)); return n; }";

test("a batch that is disturbed has the same answer, and no item is blamed for the killed threads", async () => {
  const at = workspace();
  const process = `async (n) => { if (n === 70) throw new TypeError("seventy"); return (${WAITS})(n); }`;
  at.write("job.ts", rangeJob({ to: 200, process, more: "join: { all: sum(), kept: collect() }" }));
  const { code, stdout, stderr } = await at.run("run", "job.ts", "--chaos", "3", "--json");
  const summary = JSON.parse(stdout) as BatchSummary;
  expect(summary.items).toEqual({ total: 200, succeeded: 199, failed: 1, skipped: 0 });
  expect(summary.result?.value).toEqual({ all: 19_830, kept: 199 });
  expect(stderr).toContain("chaos: the job runs twice");
  const [, kills = "0"] =
    /the same result, outputs and failed items with seed 3: (\d+) threads killed/.exec(stderr) ?? [];
  expect(Number(kills)).toBeGreaterThan(0);
  expect(code).toBe(1);
  expect(readdirSync(join(at.path, ".fanjoin", "batches")).length).toBe(2);
});

test("standard output, --output and the exit code are those of the plain batch", async () => {
  const at = workspace();
  at.write("job.ts", rangeJob({ to: 50, process: WAITS }));
  const { code, stdout } = await at.run("run", "job.ts", "--chaos", "1", "--output", "-", "--quiet");
  expect(stdout).toBe("1225\n");
  expect(code).toBe(0);
});

test("a job that counts in its module has another answer: exit code 1, and the difference is named", async () => {
  const at = workspace();
  // So many items that not all of them can run anew, in order, in the thread that follows the last kill.
  at.write("job.ts", `let calls = 0;\n${rangeJob({ to: 2000, process: "() => ++calls" })}`);
  const { code, stderr } = await at.run("run", "job.ts", "--chaos", "1", "--concurrency", "1");
  expect(stderr).toMatch(
    /chaos: seed 1 gives another answer: result\.json is \d+, and plainly 2001000\. Batch 01/,
  );
  expect(stderr).toContain("`everyCut` of fanjoin/testing");
  expect(code).toBe(1);
});

test("nothing is compared with a batch that failed", async () => {
  const at = workspace();
  at.write("job.ts", rangeJob({ process: "() => { throw new TypeError('no'); }", more: "failFast: true" }));
  const { code, stderr } = await at.run("run", "job.ts", "--chaos", "1");
  expect(stderr).toContain("chaos: the plain batch has failed");
  expect(code).toBe(3);
});

test.for([
  [["--chaos", "-1"], "whole number"],
  [["--chaos", "1", "--id", "x"], "cannot be used with option '--id <token>'"],
  [["-", "--chaos", "1"], "--chaos reads the input twice: give a file in place of -"],
] as const)("%s is refused", async ([options, message]) => {
  const at = workspace();
  at.write("job.ts", rangeJob());
  const { code, stderr } = await at.run("run", "job.ts", ...options);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
