/** `pause`, `resume` and `set`, beside the process that runs the batch and without one. */
import { expect, test } from "vitest";
import { ENDLESS_ITEMS, startSlow, workspace } from "../../command.ts";

test("a batch is paused and resumed beside the process that runs it, which stays and says so", async () => {
  const at = workspace();
  const { running, batch } = await startSlow(at, ENDLESS_ITEMS);
  const paused = await at.json("pause", batch);
  expect([paused.code, paused.summary.state]).toEqual([0, "paused"]);
  expect(paused.stderr).toContain(`fanjoin resume ${batch}`);
  expect((await at.run("pause", batch)).stderr).toContain("was paused before");
  expect((await at.run("list")).stdout).toContain(`${batch}  numbers  paused`);
  const resuming = at.start("resume", batch, "--json");
  const { summary } = await at.json("set", batch, "--threads", "1", "--priority", "5");
  expect(summary.settings).toEqual({ threads: 1, priority: 5 });
  const limited = await at.run("set", batch, "--per-second", "0.5", "--in-flight", "3");
  expect(limited.stderr).toContain(`batch ${batch} now has in-flight 3, per-second 0.5`);
  const cancelled = await at.json("cancel", batch);
  expect(cancelled.summary.state).toBe("cancelled");
  const owner = await running.ended;
  expect(owner.stderr).toContain(`batch ${batch} is paused. To continue it:`);
  expect(owner.code).toBe(3);
  // It follows the batch, wherever that runs.
  expect((await resuming.ended).code).toBe(3);
});

test("a batch that no process runs is paused, and its resume does both", async () => {
  const at = workspace();
  const { running, batch } = await startSlow(at);
  running.child.kill("SIGKILL");
  await running.ended;
  const paused = await at.json("pause", batch);
  expect([paused.code, paused.summary.state]).toEqual([0, "paused"]);
  const { code, summary } = await at.json("resume", batch);
  expect([code, summary.state]).toEqual([0, "succeeded"]);
  const late = await at.run("pause", batch);
  expect([late.code, late.stderr]).toEqual([2, expect.stringContaining("it has ended, succeeded")]);
  expect((await at.run("set", batch, "--threads", "2")).stderr).toContain("[BATCH_NOT_READY]");
});

test("set without a setting, and with a wrong one, is refused", async () => {
  const at = workspace();
  expect(await at.run("set", "latest")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("[USAGE]") as string,
  });
  for (const [option, value] of [
    ["--priority", "high"],
    ["--in-flight", "0"],
    ["--per-second", "0"],
    ["--per-second", "fast"],
  ] as const)
    expect((await at.run("set", "latest", option, value)).code).toBe(2);
});
