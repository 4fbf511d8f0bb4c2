/** `fanjoin failed`, and the failed items in the summary of a batch. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { FailedLine } from "../../../../src/core/failures/failed-line.ts";
import type { FailureSummary } from "../../../../src/core/failures/failure-summary.ts";
import { workspace } from "../../command.ts";
import type { Workspace } from "../../command.ts";

/** Rows fail in several ways; a quote that is not closed takes in the last lines. */
const JOB = `
  import { count, csv, defineJob } from "fanjoin";
  class Refused extends Error {}
  export default defineJob({
    name: "check", input: csv(), join: count(), retries: { limit: 1, baseMs: 1, except: [Refused] },
    process({ id }) {
      if (id % 5 === 0) throw new Error("the service said 503 to SE" + id + "354468");
      if (id % 7 === 0) throw new Refused("=the service said 404, to \\"" + id + "\\"");
      return id;
    },
  });
`;
const ROWS = 40;

async function failedBatch(): Promise<{
  readonly at: Workspace;
  readonly batch: string;
  readonly stdout: string;
}> {
  const at = workspace();
  at.write("check.ts", JOB);
  const rows = Array.from({ length: ROWS }, (_, n) => `${n + 1},x`).join("\n");
  at.write("in.csv", `id,note\n${rows}\n99,"open\n5,a\n6,b\n`);
  const { stdout, code } = await at.run("run", "check.ts", "in.csv", "--chunk-items", "7");
  expect(code).toBe(1);
  const [, batch = ""] = /batch {4}(\w+)/.exec(stdout) ?? [];
  return { at, batch, stdout };
}

async function parsed<T>(at: Workspace, ...args: string[]): Promise<T> {
  return JSON.parse((await at.run("failed", ...args, "--json")).stdout) as T;
}

test("the summary of a run shows the kinds of failures, and one that took in the rest of the file", async () => {
  const { stdout } = await failedBatch();
  expect(stdout).toContain(
    [
      "  8  the service said 503 to …",
      "     ITEM_FAILED, in.csv:6 and 7 others; trying again may help",
      "     at Object.process (check.ts:7:31)",
    ].join("\n"),
  );
  expect(stdout).toContain(
    "     ITEM_UNREADABLE, in.csv:42 to 44; the rest of the file was not read as rows; this one item is 3 lines long\n",
  );
});

test("failed --summary prints the kinds in place of the items; with --json as the summary has them", async () => {
  const { at, batch } = await failedBatch();
  const { stdout, code } = await at.run("failed", batch, "--summary");
  expect(stdout).toMatch(/^ {2}8 {2}the service said 503 to …\n/);
  expect(stdout).toContain("ITEM_FAILED, Refused, in.csv:8; the job does not retry this\n");
  expect(code).toBe(0);
  const { summary } = await at.json("show", batch);
  expect(await parsed(at, batch, "--summary")).toEqual(summary.failures);
  // A redrive takes these ids. Kinds of some items only have others.
  for (const { id } of summary.failures?.groups ?? []) expect(stdout).toContain(`     group ${id}\n`);
  const some = await at.run("failed", batch, "--summary", "--code", "ITEM_FAILED");
  expect(some.stdout).not.toContain(" group ");
  expect(summary.failures?.groups.reduce((sum, { count }) => sum + count, 0)).toBe(summary.items.failed);
});

test("--code and --error select items, for lists, kinds and CSV", async () => {
  const { at, batch } = await failedBatch();
  const items = await parsed<FailedLine[]>(at, batch);
  const of = async (...args: string[]): Promise<FailedLine[]> => parsed(at, batch, ...args);
  expect(await of("--code", "ITEM_UNREADABLE")).toEqual(
    items.filter(({ code }) => code === "ITEM_UNREADABLE"),
  );
  expect(await of("--error", "Refused")).toEqual(items.filter(({ error }) => error.name === "Refused"));
  expect(await of("--error", "said 503")).toHaveLength(8);
  expect(await of("--error", "said 503", "--error", "never closed")).toHaveLength(9);
  expect(await of("--error", "said 503", "--code", "ITEM_UNREADABLE")).toEqual([]);
  const kinds = await parsed<FailureSummary>(at, batch, "--summary", "--error", "said 503");
  expect(kinds).toMatchObject({ groups: [{ count: 8, first: { length: 8 } }], others: 0 });
  const lines = (await at.run("failed", batch, "--code", "ITEM_FAILED")).stdout.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
    items.filter(({ code }) => code === "ITEM_FAILED"),
  );
});

test("--csv prints a header and rows, with formulas as text", async () => {
  const { at, batch } = await failedBatch();
  const { stdout } = await at.run("failed", batch, "--csv");
  const rows = stdout.split("\r\n");
  expect(rows[0]).toBe("source,line,lines,index,offset,chunk,attempts,code,class,message,at,item");
  expect(rows[1]).toMatch(
    /^in\.csv,6,,4,24,0,2,ITEM_FAILED,Error,the service said 503 to SE5354468,Object\.process \(check\.ts:7:31\),"5,x"$/,
  );
  expect(stdout).toContain(`,Refused,"'=the service said 404, to ""7""",`);
  expect(rows.at(-2)).toMatch(/^in\.csv,42,3,40,[^]*"99,""open\n5,a\n6,b"$/);
  const none = await at.run("failed", batch, "--csv", "--code", "ITEM_TIMEOUT");
  expect(none.stdout.trimEnd().split("\r\n")).toEqual(rows.slice(0, 1));
});

test("where nothing matches, a sentence says so; wrong options are refused", async () => {
  const { at, batch } = await failedBatch();
  for (const more of [[], ["--summary"]]) {
    const none = await at.run("failed", batch, "--error", "no such text", ...more);
    expect(none).toMatchObject({ stdout: "", code: 0 });
    expect(none.stderr).toBe(`no failed item of batch ${batch} matches\n`);
  }
  const unknown = await at.run("failed", batch, "--code", "ITEM_FALIED");
  expect(unknown.stderr).toContain("--code ITEM_FALIED is not an error code");
  expect(unknown.code).toBe(2);
  const both = await at.run("failed", batch, "--csv", "--json");
  expect(both.stderr).toContain("cannot be used with option '--json'");
  expect(both.code).toBe(2);
});

test("a redrive counts what failed again, and the kinds are gone when nothing fails", async () => {
  const { at, batch } = await failedBatch();
  at.write("check.ts", JOB.replace("if (id % 7 === 0)", "if (false)"));
  const { summary } = await at.json("redrive", batch);
  expect(summary.failures).toMatchObject({
    groups: [
      { count: 8, message: "the service said 503 to …", first: { 0: { attempts: 4 } } },
      { code: "ITEM_UNREADABLE", count: 1 },
    ],
    others: 0,
  });
  const list = readFileSync(summary.failed?.path ?? "", "utf8")
    .trimEnd()
    .split("\n");
  expect(list).toHaveLength(9);
});
