/** Commands that read a directory, also while another process runs batches in it. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BatchSummary } from "../../../../src/batch/summary/summary.ts";
import { ENDLESS_ITEMS, workspace, rangeJob, startSlow } from "../../command.ts";

test("a second run names the process that owns the directory; show, watch and cancel work beside it", async () => {
  const at = workspace();
  const { running, batch } = await startSlow(at, ENDLESS_ITEMS);
  const second = await at.run("run", "slow.ts", "--no-wait");
  expect(second.stderr).toContain(`process ${running.child.pid}`);
  expect(second.stderr).toContain("[DIRECTORY_IN_USE]");
  expect(second.code).toBe(2);
  const listed = await at.run("list");
  expect(listed.stdout).toMatch(new RegExp(`${batch}  numbers  (running|planning)`));
  const shown = await at.json("show", batch.slice(0, 24));
  expect(shown.summary).toMatchObject({ batch, endedAt: null, result: null });
  expect((await at.run("result", batch)).stderr).toContain("[BATCH_NOT_READY]");
  const watching = at.start("watch", batch, "--json");

  const since = performance.now();
  const cancelled = await at.json("cancel", batch);
  expect(performance.now() - since).toBeLessThan(2500);
  expect(cancelled.code).toBe(0);
  expect(cancelled.summary).toMatchObject({ state: "cancelled", error: { code: "CANCELLED" } });
  const { succeeded, skipped } = cancelled.summary.items;
  expect(succeeded).toBeGreaterThan(0);
  expect(succeeded + (skipped ?? 0)).toBe(ENDLESS_ITEMS);
  expect(cancelled.summary.result?.value).toBeGreaterThan(0);
  const owner = await running.ended;
  expect(owner.stdout).toContain("numbers cancelled");
  expect(owner.code).toBe(3);
  const watched = await watching.ended;
  expect(JSON.parse(watched.stdout)).toEqual(cancelled.summary);
  expect(watched.code).toBe(3);
});

test("cancel ends a batch that no process runs, and a second cancel says that it had ended", async () => {
  const at = workspace();
  const { running, batch } = await startSlow(at);
  running.child.kill("SIGKILL");
  await running.ended;
  const left = await at.run("watch", batch);
  expect(left.stderr).toContain(`fanjoin resume ${batch}`);
  expect(left.code).toBe(130);
  const { summary, code } = await at.json("cancel", batch);
  expect(summary).toMatchObject({ state: "cancelled" });
  expect(at.read(`.fanjoin/batches/${batch}/result.json`)).toBe(`${JSON.stringify(summary.result?.value)}\n`);
  expect(code).toBe(0);
  const again = await at.run("cancel", batch);
  expect(again.stderr).toContain("had already ended: cancelled");
  expect(again.code).toBe(0);
});

test("an unfinished batch is cancelled through the process that runs another batch in its directory", async () => {
  const at = workspace();
  const left = await startSlow(at);
  left.running.child.kill("SIGKILL");
  await left.running.ended;
  const { batch } = await startSlow(at, ENDLESS_ITEMS);
  const { summary, code } = await at.json("cancel", left.batch);
  expect(summary).toMatchObject({
    batch: left.batch,
    state: "cancelled",
    result: { value: expect.any(Number) },
  });
  expect(code).toBe(0);
  expect((await at.json("show", batch)).summary.state).not.toBe("cancelled");
});

test("a batch without its job file does not change until the file is back", async () => {
  const at = workspace();
  const { running, batch } = await startSlow(at);
  running.child.kill("SIGKILL");
  await running.ended;
  const job = at.read("slow.ts");
  rmSync(join(at.path, "slow.ts"));
  for (const command of ["resume", "cancel"]) {
    const { code, stderr } = await at.run(command, batch);
    expect(stderr).toMatch(
      /^fanjoin: the job file .*slow.ts does not exist any more: put it back, or name the job's file with --job \[JOB_INVALID\]\nSee .+\n$/,
    );
    expect(code).toBe(2);
  }
  expect((await at.json("show", batch)).summary.state).toBe("interrupted");
  at.write("slow.ts", job);
  expect((await at.run("cancel", batch)).code).toBe(0);
});

test("list, show, result and failed print ended batches", async () => {
  const at = workspace();
  at.write("bad.ts", rangeJob({ to: 4, process: "(n) => { if (n > 1) throw new Error('no'); return n; }" }));
  at.write("all.ts", rangeJob({ to: 3, more: "join: collect()" }));
  const bad = await at.json("run", "bad.ts");
  const all = await at.json("run", "all.ts");
  const { stdout } = await at.run("list", "--json");
  // A list leaves out what a batch was started with.
  const listed = [all, bad].map(({ summary: { details: _details, ...summary } }) => summary);
  expect(JSON.parse(stdout) as BatchSummary[]).toEqual(listed);
  expect((await at.run("list")).stdout.split("\n")[2]).toMatch(
    /^\w{26} {2}numbers {2}completed-with-failures +4 +2 {2}\d{4}-/,
  );
  expect((await at.json("show", bad.summary.batch)).summary).toEqual(bad.summary);
  expect((await at.run("result", bad.summary.batch)).stdout).toBe("1\n");
  expect((await at.run("result", all.summary.batch)).stdout).toBe("0\n1\n2\n");
  expect(JSON.parse((await at.run("result", all.summary.batch, "--json")).stdout)).toEqual([0, 1, 2]);
  const lines = (await at.run("failed", bad.summary.batch)).stdout.trimEnd().split("\n");
  const items = lines.map((line): unknown => JSON.parse(line));
  expect(items).toMatchObject([
    {
      source: "range",
      index: 2,
      line: null,
      offset: null,
      code: "ITEM_FAILED",
      error: { message: "no" },
      item: "2",
    },
    { source: "range", index: 3 },
  ]);
  expect(JSON.parse((await at.run("failed", bad.summary.batch, "--json")).stdout)).toEqual(items);
  expect((await at.run("failed", all.summary.batch, "--json")).stdout).toBe("[]\n");
  const late = await at.run("cancel", all.summary.batch);
  expect(late.stderr).toContain("had already ended: succeeded");
  expect(late.code).toBe(2);
});

test("a closed pipe ends the command quietly", async () => {
  const at = workspace();
  at.write("all.ts", rangeJob({ to: 50_000, more: "join: collect()" }));
  const { summary } = await at.json("run", "all.ts");
  const running = at.start("result", summary.batch);
  running.child.stdout?.once("data", () => running.child.stdout?.destroy());
  const { code, stderr } = await running.ended;
  expect(stderr).toBe("");
  expect(code).toBe(0);
});

test("help has examples and exit codes; every command has help and a version", async () => {
  const at = workspace();
  const help = await at.run("--help");
  expect(help.stdout).toMatch(/Examples:\n {2}fanjoin init totals .*\n {2}fanjoin run sales\.ts sales\.csv/);
  expect(help.stdout).toContain("130  interrupted, resumable");
  expect(help.code).toBe(0);
  expect((await at.run("run", "--help")).stdout).toContain("--chunk-items <n>");
  expect((await at.run("show", "--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
