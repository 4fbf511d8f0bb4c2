/** `fanjoin list`, the batch that a command takes, and batches that nobody works on. */
import { expect, test } from "vitest";
import type { BatchSummary } from "../../../../src/batch/summary/summary.ts";
import { NO_AWS, deploy } from "../../../client/deployed.ts";
import { lineJob } from "../../../steps/jobs.ts";
import { ENDLESS_ITEMS, SLOW, rangeJob, startSlow, workspace } from "../../command.ts";
import type { Workspace } from "../../command.ts";

async function ran(at: Workspace, name: string, process = "(n) => n"): Promise<BatchSummary> {
  at.write(`${name}.ts`, rangeJob({ process }).replace('"numbers"', `"${name}"`));
  return (await at.json("run", `${name}.ts`)).summary;
}

async function listed(at: Workspace, ...args: string[]): Promise<string[]> {
  return (JSON.parse((await at.run("list", "--json", ...args)).stdout) as BatchSummary[]).map(
    ({ batch }) => batch,
  );
}

const FAILING = "(n) => { if (n === 3) throw new Error('three'); return n; }";

test("batches are listed by job and by state", async () => {
  const at = workspace();
  const one = await ran(at, "one");
  const two = await ran(at, "two");
  const flawed = await ran(at, "two", FAILING);
  expect(await listed(at, "--job", "two")).toEqual([flawed.batch, two.batch]);
  expect(await listed(at, "--state", "succeeded")).toEqual([two.batch, one.batch]);
  expect(await listed(at, "--job", "two", "--state", "succeeded", "--limit", "1")).toEqual([two.batch]);
  const both = ["--state", "succeeded", "--state", "completed-with-failures"];
  expect(await listed(at, ...both)).toEqual([flawed.batch, two.batch, one.batch]);
  const neither = await at.run("list", "--state", "failed", "--state", "cancelled");
  expect(neither.stderr).toBe("there are no batches in .fanjoin that are failed or cancelled\n");
  const none = await at.run("list", "--job", "three", "--state", "failed");
  expect(none).toMatchObject({
    code: 0,
    stdout: "",
    stderr: "there are no batches in .fanjoin that are of the job three and failed\n",
  });
  const wrong = await at.run("list", "--state", "done");
  expect(wrong.stderr).toContain("Allowed choices are planning, running, paused, interrupted, ");
  expect(wrong.code).toBe(2);
});

test("a pipe gets whole ids, states and times", async () => {
  const at = workspace();
  const { batch } = await ran(at, "one", FAILING);
  expect((await at.run("list")).stdout).toMatch(
    new RegExp(
      `^batch {23}job  state {20}items  failed  created\n${batch}  one  completed-with-failures {5}20 {7}1  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ\n$`,
    ),
  );
});

test("latest is the newest batch, and the default where one is looked at", async () => {
  const at = workspace();
  await ran(at, "one");
  const newest = await ran(at, "two", FAILING);
  for (const named of [[], ["latest"], [newest.batch.slice(0, 25)]])
    expect((await at.json("show", ...named)).summary).toEqual(newest);
  expect((await at.run("result")).stdout).toBe("187\n");
  expect((await at.run("failed")).stdout).toContain("three");
  expect((await at.json("watch")).summary).toEqual(newest);
  expect((await at.json("redrive", "latest")).summary.batch).toBe(newest.batch);
  for (const command of ["cancel", "redrive", "rm"]) {
    const { code, stderr } = await at.run(command);
    expect(stderr).toContain("missing required argument 'batch'");
    expect(code).toBe(2);
  }
});

test("latest where there is no batch is a sentence", async () => {
  const at = workspace();
  const { code, stderr } = await at.run("show");
  expect(stderr).toContain("there is no batch in .fanjoin");
  expect(code).toBe(2);
});

test("a batch whose process was killed is interrupted, with the command that goes on", async () => {
  const at = workspace();
  const { running, batch } = await startSlow(at);
  expect((await at.json("show", batch)).summary.state).toMatch(/planning|running/);
  running.child.kill("SIGKILL");
  await running.ended;
  const shown = await at.run("show");
  expect(shown.stdout).toMatch(/^numbers interrupted\n/);
  const advice = `no process works on batch ${batch}. To continue it:\n  fanjoin resume ${batch}\n`;
  expect(shown.stderr).toBe(advice);
  const list = await at.run("list");
  expect(list.stdout).toContain(`${batch}  numbers  interrupted`);
  expect(list.stderr).toBe(advice);
  expect(await listed(at, "--state", "interrupted")).toEqual([batch]);
  expect(await listed(at, "--state", "running")).toEqual([]);
  const { summary } = await at.json("resume");
  expect(summary).toMatchObject({ batch, state: "succeeded" });
  expect((await at.run("list")).stderr).toBe("");
});

test("a batch is interrupted while its directory is used for another one, and watch does not wait for it", async () => {
  const at = workspace();
  const left = await startSlow(at);
  left.running.child.kill("SIGKILL");
  await left.running.ended;
  const { batch, running } = await startSlow(at, ENDLESS_ITEMS);
  expect((await at.json("show", left.batch)).summary.state).toBe("interrupted");
  expect((await at.json("show", batch)).summary.state).toMatch(/planning|running/);
  const watched = await at.run("watch", left.batch);
  expect(watched.stderr).toContain(`fanjoin resume ${left.batch}`);
  expect(watched.code).toBe(130);
  running.child.kill("SIGKILL");
  await running.ended;
});

test("Ctrl-C leaves an interrupted batch, also in its JSON", async () => {
  const at = workspace();
  at.write("slow.ts", rangeJob({ process: SLOW, to: 1000 }));
  const running = at.start("run", "slow.ts", "--json");
  await running.said(/runs/);
  running.child.kill("SIGINT");
  const { stdout, code } = await running.ended;
  expect(JSON.parse(stdout)).toMatchObject({ state: "interrupted", endedAt: null });
  expect(code).toBe(130);
});

test("fanjoin dev that was started without a batch's job says that nothing works on it", async () => {
  const at = workspace({ ...NO_AWS, FANJOIN_TOKEN: "secret" });
  const { running, batch } = await startSlow(at);
  running.child.kill("SIGKILL");
  await running.ended;
  at.write("other.ts", rangeJob().replace('"numbers"', '"other"'));
  const server = at.start("dev", "other.ts", "--port", "0");
  const [url = ""] = await server.said(/http:\/\/127\.0\.0\.1:\d+/);
  const shown = await at.run("show", batch, "--endpoint", url);
  expect(shown.stdout).toMatch(/^numbers interrupted\n/);
  expect(shown.stderr).toContain("start fanjoin dev again, with the file of the job numbers");
  server.child.kill("SIGINT");
  await server.ended;
});

test("a stack filters by itself, and no batch of it is interrupted", async () => {
  const deployed = await deploy(lineJob());
  deployed.held = true;
  const { batch } = await deployed.api.submit({ input: { items: ["a"] } });
  const at = workspace(deployed.env);
  const on = ["--endpoint", deployed.url];
  expect(await listed(at, "--job", "line-job", "--state", "planning", ...on)).toEqual([batch]);
  expect(await listed(at, "--state", "interrupted", ...on)).toEqual([]);
  expect(deployed.seen[0]?.path).toContain("limit=100&job=line-job&state=planning");
  expect((await at.json("show", ...on)).summary).toMatchObject({ batch, state: "planning" });
  const unknown = await at.run("list", "--job", "none", ...on);
  expect(unknown.stderr).toContain("[JOB_UNKNOWN]");
});
