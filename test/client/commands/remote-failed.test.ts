/** Kinds of failures, and selected failed items, of a batch on a stack. */
import { expect, test } from "vitest";
import type { BatchFiles } from "../../../src/batch/summary/files.ts";
import type { FailedLine } from "../../../src/core/failures/failed-line.ts";
import type { FailureSummary } from "../../../src/core/failures/failure-summary.ts";
import { csvJob } from "../../steps/jobs.ts";
import { workspace } from "../../cli/command.ts";
import type { Workspace } from "../../cli/command.ts";
import { deploy } from "../deployed.ts";
import type { Deployed } from "../deployed.ts";

interface Submitted {
  readonly deployed: Deployed;
  readonly at: Workspace;
  readonly on: readonly string[];
  readonly batch: string;
}

/** A batch of which two rows failed in `process`, and one has too many fields. */
async function submitted(): Promise<Submitted> {
  const deployed = await deploy(csvJob({ retries: 0 }));
  const at = workspace(deployed.env);
  const on = ["--endpoint", deployed.url];
  at.write("rows.csv", "id,note\n1000,bad\n2,b\n3000,bad\n4,d,e\n");
  const { summary } = await at.json("submit", "csv-job", "rows.csv", ...on, "--wait");
  return { deployed, at, on, batch: summary.batch };
}

/** The batch's record as an older fanjoin wrote it. */
function makeOlder(deployed: Deployed, batch: string): void {
  const { records } = deployed.api.stage.ledger;
  const fields = records.get(`batch/${batch}`) ?? {};
  const { failed, ...files } = fields["result"] as unknown as BatchFiles;
  const { failures: _, ...list } = failed ?? { name: "", bytes: 0 };
  records.set(`batch/${batch}`, { ...fields, result: { ...files, failed: list } });
}

test("failed --summary, --code, --error and --csv are the same on a stack", async () => {
  const { at, on, batch } = await submitted();
  const kinds = JSON.parse(
    (await at.run("failed", batch, ...on, "--summary", "--json")).stdout,
  ) as FailureSummary;
  expect(kinds).toMatchObject({
    groups: [
      { code: "ITEM_FAILED", class: "TypeError", message: "row … is bad", count: 2 },
      { code: "ITEM_UNREADABLE", count: 1 },
    ],
    others: 0,
  });
  const some = await at.run("failed", batch, ...on, "--code", "ITEM_UNREADABLE", "--json");
  const [line, ...more] = JSON.parse(some.stdout) as FailedLine[];
  expect([line?.item, more]).toEqual(["4,d,e", []]);
  const csv = await at.run("failed", batch, ...on, "--error", "row 3000", "--csv");
  expect(csv.stdout.split("\r\n")[1]).toMatch(/rows\.csv,4,,2,.*,TypeError,row 3000 is bad,/);
});

test("a stack of an older version has no groups: the command groups the items of the list", async () => {
  const { deployed, at, on, batch } = await submitted();
  makeOlder(deployed, batch);
  const { summary } = await at.json("show", batch, ...on);
  expect("failures" in summary).toBe(false);
  for (const command of [
    ["show", batch],
    ["failed", batch, "--summary"],
  ]) {
    const { stdout, code } = await at.run(...command, ...on);
    expect(stdout).toMatch(/ {2}2 {2}row … is bad\n {5}ITEM_FAILED, TypeError, /);
    expect(code).toBe(0);
  }
});
