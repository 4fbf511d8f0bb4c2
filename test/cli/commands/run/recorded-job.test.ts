/** The job file that a state directory names is loaded only where the user chose it. */
import {
  existsSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Fields } from "../../../../src/core/records/record.ts";
import { rangeJob, SLOW, SLOW_ITEMS, SLOW_SUM, startSlow, workspace } from "../../command.ts";
import type { Workspace } from "../../command.ts";
import { changeBatch, secretFolder } from "../../state-directory.ts";

/** An unfinished batch whose job file is `file`. */
async function unfinished(): Promise<{ readonly at: Workspace; readonly batch: string }> {
  const at = workspace();
  const { running, batch } = await startSlow(at);
  running.child.kill("SIGKILL");
  await running.ended;
  return { at, batch };
}

test("resume, cancel and redrive refuse a recorded job file outside of the working directory", async () => {
  const { at, batch } = await unfinished();
  const secret = secretFolder();
  const evil = join(secret.path, "evil.ts");
  const loaded = join(at.path, "loaded");
  writeFileSync(
    evil,
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(loaded)}, "");`,
  );
  changeBatch(at, (fields) => ({ ...fields, jobFile: evil }));
  for (const command of [["resume"], ["resume", batch], ["cancel", batch]]) {
    const { code, stderr } = await at.run(...command);
    expect(stderr.replace(/See .+\n$/, "")).toBe(
      `fanjoin: the job file of batch ${batch} is outside of the working directory: ${evil}. If you trust it, add --job ${evil} [USAGE]\n`,
    );
    expect(code).toBe(2);
  }
  // A link does not hide where it leads.
  symlinkSync(evil, join(at.path, "job.ts"));
  changeBatch(at, (fields) => ({ ...fields, jobFile: join(at.path, "job.ts") }));
  expect((await at.run("resume")).stderr).toContain("is outside of the working directory");
  expect(existsSync(loaded)).toBe(false);
  const { code, stderr } = await at.run("resume", "--job", "slow.ts");
  expect(stderr).toMatch(/^loading the job file slow\.ts\n/);
  expect(code).toBe(0);
  changeBatch(at, (fields) => ({
    ...fields,
    jobFile: evil,
    totals: { ...(fields["totals"] as Fields), failed: 1 },
  }));
  expect((await at.run("redrive", batch)).stderr).toContain("add --job");
  expect(existsSync(loaded)).toBe(false);
});

test("a job from outside goes on with --job, and the printed command has it", async () => {
  const at = workspace();
  const { running, batch } = await startSlow(at);
  running.child.kill("SIGKILL");
  await running.ended;
  const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), "fanjoin-job-")));
  onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
  const job = join(elsewhere, "my job.ts");
  renameSync(join(at.path, "slow.ts"), job);
  const resumed = at.start("resume", batch, "--job", job, "--concurrency", "1");
  await resumed.said(/batch \w+ runs/);
  await resumed.said(/loading the job file/);
  resumed.child.kill("SIGINT");
  const { code, stderr } = await resumed.ended;
  expect(stderr).toContain(`fanjoin resume ${batch} --job '${job}'\n`);
  expect(code).toBe(130);
  expect((await at.run("resume")).stderr).toContain(`add --job '${job}'`);
  for (const command of ["watch", "redrive"])
    expect((await at.run(command, batch)).stderr).toContain(`fanjoin resume ${batch} --job '${job}'`);
  const other = rangeJob().replace("numbers", "others");
  at.write("other.ts", other);
  const wrong = await at.run("resume", "--job", "other.ts");
  expect(wrong.stderr).toMatch(
    new RegExp(
      `the job file .*other\\.ts has the job others, but batch ${batch} is one of the job numbers: .*\\[JOB_INVALID\\]`,
    ),
  );
  expect((await at.run("resume", "--job", job)).code).toBe(0);
});

test("run with the id of an unfinished batch continues it with the job file that it was given", async () => {
  const at = workspace();
  at.write("slow.ts", rangeJob({ to: SLOW_ITEMS, process: SLOW }));
  const run = ["run", "slow.ts", "--id", "a", "--chunk-items", "2"];
  const running = at.start(...run);
  const [, batch = ""] = await running.said(/batch (\w+) runs/);
  running.child.kill("SIGKILL");
  await running.ended;
  const loaded = join(at.path, "loaded");
  at.write(
    "evil.ts",
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(loaded)}, "");`,
  );
  changeBatch(at, (fields) => ({ ...fields, jobFile: join(at.path, "evil.ts") }));
  expect((await at.json(...run)).summary).toMatchObject({ batch, result: { value: SLOW_SUM } });
  expect(existsSync(loaded)).toBe(false);
});

test("dev runs only the jobs that it was started with", async () => {
  const { at, batch } = await unfinished();
  const loaded = join(at.path, "loaded");
  at.write(
    "evil.ts",
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(loaded)}, "");`,
  );
  changeBatch(at, (fields) => ({ ...fields, jobFile: join(at.path, "evil.ts") }));
  at.write("other.ts", rangeJob().replace("numbers", "others"));
  const other = at.start("dev", "other.ts", "--port", "0");
  await other.said(
    new RegExp(`${batch} cannot be continued: fanjoin dev was started without the job numbers`),
  );
  other.child.kill("SIGINT");
  await other.ended;
  const dev = at.start("dev", "slow.ts", "--port", "0");
  await dev.said(new RegExp(`${batch} succeeded`));
  dev.child.kill("SIGINT");
  await dev.ended;
  expect(existsSync(loaded)).toBe(false);
});
