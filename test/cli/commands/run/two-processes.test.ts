/** Two commands that want one directory. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { BIN, rangeJob, startSlow, workspace } from "../../command.ts";

const LINES = `
  import { collect, defineJob, lines } from "fanjoin";
  export default defineJob({ name: "rows", input: lines(), process: (line) => line, join: collect() });`;

test("a second run says for whom it waits, and runs when the first has ended", async () => {
  const at = workspace();
  const { running, batch } = await startSlow(at);
  at.write("quick.ts", rangeJob());
  const second = at.start("run", "quick.ts", "--json");
  const [, pid] = await second.said(
    /waiting for process (\d+) \(fanjoin run slow\.ts, since .*\), which works in \.fanjoin/,
  );
  expect(Number(pid)).toBe(running.child.pid);
  await at.run("cancel", batch);
  await running.ended;
  expect(await second.ended).toMatchObject({ code: 0 });
});

test("Ctrl-C ends the waiting, and starts nothing", async () => {
  const at = workspace();
  const { running } = await startSlow(at);
  const second = at.start("run", "slow.ts");
  await second.said(/waiting for process/);
  second.child.kill("SIGINT");
  const { code, stderr } = await second.ended;
  expect(code).toBe(130);
  expect(stderr).toContain("interrupted: no batch was started");
  running.child.kill("SIGKILL");
  const listed = await at.run("list", "--json");
  expect(JSON.parse(listed.stdout)).toHaveLength(1);
});

test("a run reads from a run in the same directory", async () => {
  const at = workspace();
  at.write("numbers.ts", rangeJob({ to: 5, more: "join: collect()" }));
  at.write(
    "sum.ts",
    `import { defineJob, jsonl, sum } from "fanjoin";
    export default defineJob({ name: "sum", input: jsonl(), process: (n) => Number(n), join: sum() });`,
  );
  const { npm_command: _npm, ...env } = process.env;
  const stages = [
    ["run", "numbers.ts", "--output", "-", "--quiet"],
    ["run", "sum.ts", "-", "--json"],
  ];
  const [first, second] = stages.map((args) =>
    spawn(process.execPath, [BIN, ...args], { cwd: at.path, env }),
  );
  if (!first || !second) throw new Error("two commands were started");
  first.stdout.pipe(second.stdin);
  const [printed, [code]] = await Promise.all([text(second.stdout), once(second, "close")]);
  expect(code).toBe(0);
  expect(JSON.parse(printed)).toMatchObject({ state: "succeeded", result: { value: 10 } });
});

test("a running dev takes the batch of a job that it has loaded, and its end is reported here", async () => {
  const at = workspace();
  at.write("rows.ts", LINES);
  at.write("other.ts", rangeJob());
  at.write("a.txt", "a\nb\nc\n");
  const dev = at.start("dev", "rows.ts", "--port", "0", "--token", "t0psecret");
  await dev.said(/Press Ctrl-C/);
  expect(statSync(join(at.path, ".fanjoin/dev.json")).mode & 0o777).toBe(0o600);
  const { code, summary, stderr } = await at.json("run", "rows.ts", "a.txt");
  expect(stderr).toContain(
    `fanjoin dev (process ${dev.child.pid}) works in this directory, and runs the batch\n`,
  );
  expect(code).toBe(0);
  expect(summary).toMatchObject({ state: "succeeded", items: { total: 3 } });
  expect(readFileSync(summary.outputs?.path ?? "", "utf8")).toBe('"a"\n"b"\n"c"\n');
  const other = await at.run("run", "other.ts", "--no-wait");
  expect(other.stderr).toContain("[DIRECTORY_IN_USE]");
  dev.child.kill("SIGINT");
  await dev.ended;
  expect(existsSync(join(at.path, ".fanjoin/dev.json"))).toBe(false);
});

test("a dev.json that came with the directory is not believed", async () => {
  const at = workspace();
  at.write("rows.ts", LINES);
  at.write("a.txt", "a\n");
  const jobs = { rows: join(at.path, "rows.ts") };
  const forged = { pid: 1, endpoint: "http://127.0.0.1:9", token: "t", jobs };
  at.write(".fanjoin/dev.json", JSON.stringify(forged));
  expect(await at.json("run", "rows.ts", "a.txt")).toMatchObject({
    code: 0,
    summary: { state: "succeeded" },
  });
});
