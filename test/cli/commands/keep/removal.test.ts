/** `fanjoin rm` and `fanjoin prune`, on a directory and on a stack. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { BatchSummary } from "../../../../src/batch/summary/summary.ts";
import { NO_AWS, deploy } from "../../../client/deployed.ts";
import type { Deployed } from "../../../client/deployed.ts";
import { lineJob } from "../../../steps/jobs.ts";
import { rangeJob, startSlow, workspace } from "../../command.ts";
import type { Workspace } from "../../command.ts";

/** Its outputs have a folder of segments, because one item fails. */
const JOB = rangeJob({
  process: '(n) => { if (n === 3) throw new Error("three"); return "x".repeat(2000); }',
}).replace("join: sum()", "join: collect()");

async function ran(at: Workspace, ...args: string[]): Promise<BatchSummary> {
  at.write("job.ts", JOB);
  return (await at.json("run", "job.ts", ...args)).summary;
}

async function listed(at: Workspace, ...where: string[]): Promise<string[]> {
  const { stdout } = await at.run("list", "--json", ...where);
  return (JSON.parse(stdout) as BatchSummary[]).map(({ batch }) => batch);
}

const foldersOf = (at: Workspace, batch: string): string[] =>
  ["batches", "segments"].filter((name) => existsSync(join(at.path, ".fanjoin", name, batch)));

/** Makes a batch as old as that. */
function endedAgo(at: Workspace, batch: string, ms: number): void {
  using db = new DatabaseSync(join(at.path, ".fanjoin", "state.db"));
  db.prepare("UPDATE records SET sum = NULL, body = json_set(body, '$.endedAt', ?) WHERE key = ?").run(
    Date.now() - ms,
    `batch/${batch}`,
  );
}

test("rm removes what it names, says how much room that gives, and frees the --id", async () => {
  const at = workspace();
  const kept = await ran(at);
  const first = await ran(at, "--id", "mine");
  const second = await ran(at);
  expect(foldersOf(at, first.batch)).toEqual(["batches", "segments"]);
  const { code, stdout } = await at.run("rm", first.batch.slice(0, 25), "latest", second.batch);
  const line = (batch: string): string => `${batch}  numbers  completed-with-failures  \\d+ kB\n`;
  expect(stdout).toMatch(
    new RegExp(`^${line(first.batch)}${line(second.batch)}removed 2 batches, \\d+ kB\n$`),
  );
  expect(code).toBe(0);
  expect(await listed(at)).toEqual([kept.batch]);
  expect([foldersOf(at, first.batch), foldersOf(at, second.batch)]).toEqual([[], []]);
  expect((await ran(at, "--id", "mine")).batch).not.toBe(first.batch);
  expect((await at.run("result", kept.batch)).code).toBe(0);
});

test("rm removes nothing if one of the batches is unknown or has not ended", async () => {
  const at = workspace();
  const { batch } = await ran(at);
  const unknown = await at.run("rm", batch, "01NONE");
  expect(unknown.stderr).toContain("[BATCH_UNKNOWN]");
  const { running, batch: slow } = await startSlow(at);
  running.child.kill("SIGKILL");
  await running.ended;
  const refused = await at.run("rm", batch, slow);
  expect(refused.stderr).toContain(
    `nothing was removed: \`fanjoin cancel ${slow}\` ends it first [BATCH_NOT_READY]`,
  );
  expect([unknown.code, refused.code]).toEqual([2, 2]);
  expect(await listed(at)).toEqual([slow, batch]);
});

test("rm is refused while another process owns the directory", async () => {
  const at = workspace();
  const { batch } = await ran(at);
  const { running } = await startSlow(at);
  const { code, stderr } = await at.run("rm", batch);
  expect(stderr).toContain("[DIRECTORY_IN_USE]");
  expect(code).toBe(2);
  running.child.kill("SIGKILL");
  await running.ended;
  expect(await listed(at)).toContain(batch);
});

test("prune removes batches that ended a week ago, and none that has not ended", async () => {
  const at = workspace();
  const DAY = 24 * 3_600_000;
  const old = await ran(at);
  const young = await ran(at);
  const { running, batch: left } = await startSlow(at);
  running.child.kill("SIGKILL");
  await running.ended;
  endedAgo(at, old.batch, 8 * DAY);
  endedAgo(at, young.batch, 6 * DAY);
  const dry = await at.run("prune", "--dry-run");
  expect(dry.stdout).toMatch(/would remove 1 batch, \d+ kB\n$/);
  expect(await listed(at)).toEqual([left, young.batch, old.batch]);
  const { stdout } = await at.run("prune", "--json");
  expect(JSON.parse(stdout)).toEqual([
    {
      batch: old.batch,
      job: "numbers",
      state: "completed-with-failures",
      endedAt: expect.any(String) as string,
      bytes: expect.any(Number) as number,
    },
  ]);
  expect(await listed(at)).toEqual([left, young.batch]);
  expect((await at.run("prune", "--keep", "1")).stdout).toBe("removed 0 batches, 0 B\n");
  expect((await at.run("prune", "--older", "5d")).stdout).toContain("removed 1 batch, ");
  expect(await listed(at)).toEqual([left]);
});

test("a wrong age is refused, and nothing is removed", async () => {
  const at = workspace();
  const { batch } = await ran(at);
  const { code, stderr } = await at.run("prune", "--older", "0");
  expect(stderr).toContain("It must be a time such as 30min, 12h, 7d or 2w.");
  expect(code).toBe(2);
  expect(await listed(at)).toEqual([batch]);
});

test("prune in a directory without batches makes no directory", async () => {
  const at = workspace();
  expect(await at.run("prune")).toMatchObject({ code: 0, stdout: "removed 0 batches, 0 B\n" });
  expect(readdirSync(at.path)).toEqual([]);
});

async function stack(): Promise<{ deployed: Deployed; at: Workspace; on: [string, string]; ids: string[] }> {
  const deployed = await deploy(lineJob());
  const ids: string[] = [];
  for (const item of ["a", "b", "c"])
    ids.push((await deployed.api.submit({ input: { items: [item] } })).batch);
  await deployed.api.stage.pump();
  return { deployed, at: workspace(deployed.env), on: ["--endpoint", deployed.url], ids };
}

test("rm and prune work on a stack", async () => {
  const { deployed, at, on, ids } = await stack();
  const [first = "", second = "", third = ""] = ids;
  const removed = await at.run("rm", first, ...on);
  expect(removed.stdout).toMatch(
    new RegExp(`^${first}  line-job  succeeded  \\d+ B\nremoved 1 batch, \\d+ B\n$`),
  );
  expect(await listed(at, ...on)).toEqual([third, second]);
  const dry = await at.run("prune", "--keep", "1", "--dry-run", ...on);
  expect(dry.stdout).toContain("would remove 1 batch");
  expect(await listed(at, ...on)).toHaveLength(2);
  expect((await at.run("prune", "--keep", "1", ...on)).code).toBe(0);
  expect(await listed(at, ...on)).toEqual([third]);
  const deletes = deployed.seen.filter(({ method }) => method === "DELETE").map(({ path }) => path);
  expect(deletes).toEqual([`/batches/${first}`, `/batches/${second}`]);
});

test("a removal whose answer is lost is sent again, and then is no error", async () => {
  const { deployed, at, on, ids } = await stack();
  let lost = 0;
  deployed.meddle = ({ method, path }) => {
    if (method !== "DELETE" || lost++ > 0) return null;
    void deployed.api.request("DELETE", path);
    return "hang up";
  };
  const { code, stderr } = await at.run("rm", ids[0] ?? "", ...on);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(await listed(at, ...on)).toHaveLength(2);
});

test("an endpoint that answers a removal with something else is named", async () => {
  const { deployed, at, on, ids } = await stack();
  deployed.meddle = ({ method }) => (method === "DELETE" ? { status: 200, body: "{}" } : null);
  const { code, stderr } = await at.run("rm", ids[0] ?? "", ...on);
  expect(stderr).toContain("it answers 200 to a DELETE");
  expect(stderr).toContain("[ENDPOINT_UNUSABLE]");
  expect(code).toBe(2);
});

test("fanjoin dev removes a batch that has ended", async () => {
  const at = workspace({ ...NO_AWS, FANJOIN_TOKEN: "secret" });
  at.write("job.ts", JOB);
  const server = at.start("dev", "job.ts", "--port", "0");
  const [url = ""] = await server.said(/http:\/\/127\.0\.0\.1:\d+/);
  const on = ["--endpoint", url];
  const { summary } = await at.json("submit", "numbers", "--wait", ...on);
  expect(foldersOf(at, summary.batch)).toEqual(["batches", "segments"]);
  expect((await at.run("rm", "latest", ...on)).code).toBe(0);
  expect(await listed(at, ...on)).toEqual([]);
  expect(foldersOf(at, summary.batch)).toEqual([]);
  server.child.kill("SIGINT");
  await server.ended;
});
