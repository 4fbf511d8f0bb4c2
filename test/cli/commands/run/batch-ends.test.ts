/** How batches end and how they are stopped, tested with the real command. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BatchSummary } from "../../../../src/batch/summary/summary.ts";
import { workspace, rangeJob, ROOT, SLOW, SLOW_SUM } from "../../command.ts";
import type { Workspace } from "../../command.ts";

const reading = (reader: string): string => `
  import { collect, count, defineJob, items, ${reader === "items([])" ? "" : reader.replace(/\(.*/, "")} } from "fanjoin";
  export default defineJob({ name: "empty", input: ${reader}, process: (item) => item, join: { n: count(), all: collect() } });
`;

test.for([
  ["range(0)", null],
  ["items([])", null],
  ["csv()", ""],
  ["csv()", "id,note\n"],
  ["jsonl()", ""],
  ["jsonl()", "\n\n"],
  ["lines()", ""],
] as const)("a batch of no items succeeds with an empty result: %s of %j", async ([reader, input]) => {
  const at = workspace();
  at.write("empty.ts", reading(reader));
  if (input !== null) at.write("input", input);
  const args = ["run", "empty.ts", ...(input === null ? [] : ["input"])];
  const { code, summary } = await at.json(...args);
  expect(summary).toMatchObject({
    state: "succeeded",
    items: { total: 0, succeeded: 0, failed: 0, skipped: 0 },
    result: { value: { n: 0, all: 0 } },
    outputs: { bytes: 0 },
    failed: null,
  });
  expect(code).toBe(0);
  const { stdout } = await at.run("show", summary.batch);
  expect(stdout).toContain("  items    0, all succeeded\n");
});

test("a batch whose items all fail finishes, and its summary names the list of failed items", async () => {
  const at = workspace();
  at.write("bad.ts", rangeJob({ to: 300, process: "(n) => { throw new Error('no ' + n); }" }));
  const { code, stdout } = await at.run("run", "bad.ts");
  expect(stdout).toContain("numbers completed with failures\n");
  expect(stdout).toContain("  items    300: 0 succeeded, 300 failed\n");
  expect(stdout).toMatch(/\n {2}failed {3}\.fanjoin\/batches\/\w+\/failed\.jsonl\n/);
  expect(stdout).toContain("\n  300  no …\n       ITEM_FAILED, range, item 0 and 299 others; ");
  expect(code).toBe(1);
});

async function interruptedBy(at: Workspace, signal: NodeJS.Signals, ...args: string[]): Promise<string> {
  const running = at.start(...args);
  const [, batch = ""] = await running.said(/batch (\w+) runs/);
  running.child.kill(signal);
  const { code, stderr } = await running.ended;
  expect(stderr).toMatch(new RegExp(`\n  (npx )?fanjoin resume ${batch}\n$`));
  expect(code).toBe(130);
  return batch;
}

test("SIGTERM and a closed terminal stop a batch like Ctrl-C does, also a resumed batch", async () => {
  const at = workspace();
  at.write("slow.ts", rangeJob({ to: 100, process: SLOW }));
  const batch = await interruptedBy(at, "SIGTERM", "run", "slow.ts");
  expect(await interruptedBy(at, "SIGHUP", "resume")).toBe(batch);
  expect(await interruptedBy(at, "SIGINT", "resume", batch)).toBe(batch);
  const { summary } = await at.json("resume");
  expect(summary).toMatchObject({ batch, state: "succeeded", result: { value: SLOW_SUM } });
});

test("resume continues a redrive that Ctrl-C interrupted", async () => {
  const at = workspace();
  at.write("slow.ts", rangeJob({ to: 60, process: "(n) => { throw new Error('no'); }" }));
  const { summary } = await at.json("run", "slow.ts");
  at.write("slow.ts", rangeJob({ to: 60, process: SLOW }));
  expect(await interruptedBy(at, "SIGINT", "redrive", summary.batch)).toBe(summary.batch);
  const { code, summary: whole } = await at.json("resume");
  expect(whole).toMatchObject({
    batch: summary.batch,
    state: "succeeded",
    items: { succeeded: 60, failed: 0 },
  });
  expect(whole.result?.value).toBe((60 * 59) / 2);
  expect(code).toBe(0);
});

test("Ctrl-C while the input is still being planned loses nothing", async () => {
  const at = workspace();
  at.write("fast.ts", rangeJob({ to: 3_000_000, process: "(n) => n" }));
  const batch = await interruptedBy(at, "SIGINT", "run", "fast.ts", "--chunk-items", "20");
  // Its number of chunks is not known yet.
  const left = (await at.json("show", batch)).summary;
  expect(left).toMatchObject({ state: "interrupted", chunks: { total: null } });
  const { summary } = await at.json("resume");
  expect(summary).toMatchObject({ state: "succeeded", result: { value: (3_000_000 * 2_999_999) / 2 } });
});

test("Ctrl-C while the last partials are joined loses nothing", async () => {
  const at = workspace();
  const join = (finish: string): string =>
    rangeJob({
      more: `join: fold({ init: () => 0, add: (a, n) => a + n, merge: (a, b) => a + b, finish: ${finish} })`,
    });
  at.write("fold.ts", join("(a) => { console.log('joining now'); for (;;); }"));
  const running = at.start("run", "fold.ts");
  await running.said(/joining now/);
  running.child.kill("SIGINT");
  const { code, stderr } = await running.ended;
  expect(stderr).toMatch(/fanjoin resume \w{26}\n$/);
  expect(code).toBe(130);
  at.write("fold.ts", join("(a) => a"));
  expect((await at.json("resume")).summary).toMatchObject({ state: "succeeded", result: { value: 190 } });
});

test.skipIf(process.platform === "win32").for([
  ["standard output", ">&-"],
  ["standard error", "2>&-"],
  ["both", ">&- 2>&-"],
  ["a reader that takes one line", "| head -1 >/dev/null"],
  ["one that takes nothing of either", "2>&1 | true"],
] as const)("a batch completes when its output is closed: %s", async ([, closed]) => {
  const at = workspace();
  at.write(
    "slow.ts",
    rangeJob({ to: 30, process: "async (n, { log }) => { log.warn('x'.repeat(5000)); return n; }" }),
  );
  const command = `"$0" "$@" ${closed}`;
  const bin = join(ROOT, "bin/fanjoin.js");
  const child = spawn("sh", ["-c", command, process.execPath, bin, "run", "slow.ts"], {
    cwd: at.path,
    stdio: "ignore",
  });
  await new Promise((resolve) => child.on("close", resolve));
  const listed = JSON.parse((await at.run("list", "--json")).stdout) as BatchSummary[];
  expect(listed).toMatchObject([{ state: "succeeded", result: { value: 435 } }]);
});

test("a second run with the --id of a running batch names the process that runs it", async () => {
  const at = workspace();
  at.write("slow.ts", rangeJob({ to: 10_000, process: SLOW }));
  const first = at.start("run", "slow.ts", "--id", "x");
  await first.said(/batch (\w+) runs/);
  const second = await at.run("run", "slow.ts", "--id", "x", "--no-wait");
  expect(second.stderr).toContain(`in use by process ${first.child.pid}`);
  expect(second.stderr).toMatch(/`fanjoin watch` follows its batch.*\[DIRECTORY_IN_USE\]\nSee .+\n$/);
  expect(second.code).toBe(2);
});

test("the --id of a failed batch reports it, and after a redrive its new outcome", async () => {
  const at = workspace();
  const run = ["run", "job.ts", "--id", "x"] as const;
  at.write(
    "job.ts",
    rangeJob({ process: "(n) => { if (n === 7) throw new Error('no'); return n; }", more: "failFast: true" }),
  );
  const failed = await at.json(...run);
  expect(failed).toMatchObject({ code: 3, summary: { state: "failed" } });
  expect(await at.json(...run)).toMatchObject({ code: 3, summary: failed.summary });
  at.write("job.ts", rangeJob({ more: "failFast: true" }));
  const redriven = await at.json("redrive", failed.summary.batch);
  expect(redriven.summary).toMatchObject({ batch: failed.summary.batch, items: { failed: 0 } });
  expect(await at.json(...run)).toMatchObject({ code: redriven.code, summary: redriven.summary });
});

test("the --id of a cancelled batch reports it", async () => {
  const at = workspace();
  at.write("slow.ts", rangeJob({ to: 1000, process: SLOW }));
  const first = at.start("run", "slow.ts", "--id", "x");
  const [, batch = ""] = await first.said(/batch (\w+) runs/);
  expect((await at.run("cancel", batch)).code).toBe(0);
  await first.ended;
  const again = await at.json("run", "slow.ts", "--id", "x");
  expect(again).toMatchObject({ code: 3, summary: { batch, state: "cancelled" } });
});
