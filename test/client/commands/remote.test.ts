/** The commands on a deployed stack, tested with the real command and the real API. */
import { expect, test } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { countingJob, csvJob, lineJob } from "../../steps/jobs.ts";
import { workspace } from "../../cli/command.ts";
import { deploy } from "../deployed.ts";
import { client, ROWS } from "./remote-client.ts";
import type { Client } from "./remote-client.ts";

test.for([
  ["FANJOIN_TOKEN", "authorization", "Bearer secret"],
  ["FANJOIN_API_KEY", "x-api-key", "secret"],
] as const)("%s is sent unchanged, and requests are not signed", async ([name, header, value]) => {
  const deployed = await deploy(lineJob());
  deployed.meddle = () => ({
    headers: { "content-type": "application/json" },
    body: '{"batches":[],"cursor":null}',
  });
  const at = workspace({ ...deployed.env, [name]: "secret", AWS_ACCESS_KEY_ID: undefined });
  const { stderr, code } = await at.run("list", "--endpoint", deployed.url);
  expect(stderr).toBe(`there are no batches at ${deployed.origin} yet\n`);
  expect(code).toBe(0);
  expect(deployed.seen[0]?.headers[header]).toBe(value);
  expect(deployed.seen[0]?.headers["x-amz-date"]).toBeUndefined();
});

async function submitted({ at, on }: Client, text: string): Promise<BatchSummary> {
  at.write("in", text);
  return (await at.json("submit", "csv-job", "in", ...on, "--wait", "--quiet")).summary;
}

/** A list leaves out what a batch was started with. */
function inList({ details: _details, ...summary }: BatchSummary): object {
  return summary;
}

test("list, show, result, failed and resume work as on a directory", async () => {
  const deployed = await deploy(csvJob({ retries: 0 }));
  const { at, on } = client(deployed);
  const bad = await submitted({ at, on }, ROWS);
  const good = await submitted({ at, on }, "id,note\n7,x\n");
  expect(JSON.parse((await at.run("list", ...on, "--json")).stdout)).toEqual([good, bad].map(inList));
  expect(JSON.parse((await at.run("list", ...on, "--json", "--limit", "1")).stdout)).toEqual([inList(good)]);
  expect((await at.run("list", ...on)).stdout).toMatch(/^batch .*\n\w{26} {2}csv-job {2}succeeded/);
  const shown = await at.json("show", bad.batch.toLowerCase(), ...on);
  expect(shown.summary).toEqual(bad);
  expect((await at.run("result", bad.batch, ...on)).stdout).toBe('"1"\n"2"\n"4"\n');
  expect(JSON.parse((await at.run("result", bad.batch, ...on, "--json")).stdout)).toEqual(["1", "2", "4"]);
  const failed = await at.run("failed", bad.batch, ...on);
  expect(JSON.parse(failed.stdout)).toMatchObject({ line: 4, code: "ITEM_FAILED" });
  expect((await at.run("failed", good.batch, ...on)).stderr).toContain("no item of batch");
  expect((await at.run("failed", good.batch, ...on, "--json")).stdout).toBe("[]\n");
  expect(await at.json("resume", bad.batch, ...on)).toMatchObject({ code: 1, summary: bad });
  const again = await at.json("resume", ...on);
  expect(again).toMatchObject({ code: 0, summary: good });
  expect(again.stderr).toBe(`nothing to resume: the latest batch, ${good.batch}, has ended\n`);
  expect((await at.run("show", "01K", ...on)).stderr).toContain("more than one batch id begins with 01K");
});

test("a large result is fetched from its signed URL, without a signature of the request", async () => {
  const deployed = await deploy(lineJob());
  const { at, on } = client(deployed);
  const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n} ${"x".repeat(80)}`);
  at.write("in", `${lines.join("\n")}\n`);
  const { summary } = await at.json("submit", "line-job", "in", ...on, "--wait", "--quiet");
  const { stdout, code } = await at.run("result", summary.batch, ...on);
  expect(stdout).toBe(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  expect(code).toBe(0);
});

test("redrive runs the failed items again and follows the batch; without failed items it says so", async () => {
  const broken = { is: true };
  const deployed = await deploy(
    lineJob((line: string) => {
      if (broken.is && line === "2") throw new TypeError("no");
      return line;
    }),
  );
  const { at, on } = client(deployed);
  at.write("in", "1\n2\n3\n");
  const { summary } = await at.json("submit", "line-job", "in", ...on, "--wait");
  expect(summary).toMatchObject({ state: "completed-with-failures", items: { failed: 1 } });
  const missed = await at.run("redrive", summary.batch, ...on, "--code", "ITEM_TIMEOUT");
  expect(missed.stderr).toContain("matches; its failed items are: 1 × ITEM_FAILED (TypeError)");
  broken.is = false;
  const redriven = await at.json("redrive", summary.batch, ...on, "--error", "TypeError");
  expect(redriven.summary).toMatchObject({
    batch: summary.batch,
    state: "succeeded",
    items: { succeeded: 3 },
  });
  expect(redriven.stderr).toContain(`batch ${summary.batch} runs`);
  expect(redriven.code).toBe(0);
  const none = await at.run("redrive", summary.batch, ...on);
  expect(none.stderr).toContain("has nothing to redrive");
  expect(none.code).toBe(0);
});

test("a running batch shows its progress, cannot be redriven, and can be cancelled", async () => {
  const deployed = await deploy(countingJob(100));
  deployed.held = true;
  const { at, on } = client(deployed);
  const { summary } = await at.json("submit", "counting", ...on, "--chunk-items", "10");
  const { stage } = deployed.api;
  await stage.step("coordinator");
  await stage.step("worker", 3);
  const { batch } = summary;
  expect((await at.json("show", batch, ...on)).summary).toMatchObject({
    progress: { units: 30, of: 100, failedBefore: null },
  });
  expect((await at.run("redrive", batch, ...on)).stderr).toContain("[BATCH_NOT_READY]");
  expect((await at.run("result", batch, ...on)).stderr).toContain(
    `\`fanjoin watch ${batch} --endpoint ${deployed.url}\` waits for it [BATCH_NOT_READY]`,
  );
  const watching = at.start("watch", batch, ...on);
  const following = at.start("resume", ...on);
  // Without an id, it finds a batch that has not ended.
  await following.said(/counting: .*%/);
  deployed.held = false;
  const cancelled = await at.json("cancel", batch, ...on);
  expect(cancelled.summary).toMatchObject({ state: "cancelled", items: { succeeded: 30, skipped: 70 } });
  expect(cancelled.code).toBe(0);
  expect((await watching.ended).code).toBe(3);
  expect((await following.ended).stdout).toMatch(/^counting cancelled\n/);
  const late = await at.run("cancel", batch, ...on);
  expect(late.stderr).toContain("had already ended: cancelled");
});

test("without a terminal, plain lines show the progress of a batch", async () => {
  const deployed = await deploy(countingJob(100));
  deployed.held = true;
  const { at, on } = client(deployed);
  const running = at.start("submit", "counting", ...on, "--chunk-items", "10", "--wait");
  await running.said(/counting: batch \w+ runs/);
  const { stage } = deployed.api;
  await stage.step("coordinator");
  await stage.step("worker", 4);
  const [line] = await running.said(/counting: .*%.*\n/);
  expect(line).toBe("counting:  40 %, 40 items\n");
  await stage.pump();
  expect((await running.ended).code).toBe(0);
});

test("Ctrl-C while following leaves the batch running, and prints the command that follows it", async () => {
  const deployed = await deploy(countingJob(100));
  deployed.held = true;
  const { at, on } = client(deployed);
  const running = at.start("submit", "counting", ...on, "--wait", "--json");
  const [, batch = ""] = await running.said(/batch (\w+) runs/);
  running.child.kill("SIGINT");
  const { code, stdout, stderr } = await running.ended;
  expect(stderr).toContain(
    `batch ${batch} continues. To follow it:\n  fanjoin watch ${batch} --endpoint ${deployed.url}\n`,
  );
  expect(JSON.parse(stdout)).toMatchObject({ batch, endedAt: null });
  expect(code).toBe(130);
  await deployed.api.stage.pump();
  expect((await at.json("watch", batch, ...on)).summary).toMatchObject({ state: "succeeded" });
});

test("a stack is found by its name", async () => {
  const deployed = await deploy(countingJob(3));
  const at = workspace(deployed.env);
  const { summary } = await at.json("submit", "counting", "--stack", "prod", "--wait");
  expect(summary).toMatchObject({ state: "succeeded" });
  const hint = await at.run("submit", "counting", "--stack", "prod");
  expect(hint.stderr).toMatch(/fanjoin watch \w{26} --stack prod\n$/);
});
