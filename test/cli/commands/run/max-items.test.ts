/** `run --max-items`: only the first items of an input. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { BIN, workspace } from "../../command.ts";
import type { Workspace } from "../../command.ts";

const JOB = `
  import { collect, csv, defineJob } from "fanjoin";
  export default defineJob({ name: "rows", input: csv({ comment: "#" }), retries: 0, join: collect(),
    process(row) { if (row.note === "bad") throw new TypeError("row " + row.id + " is bad"); return row.id; } });
`;

function withRows(): Workspace {
  const at = workspace();
  at.write("rows.ts", JOB);
  const rows = Array.from({ length: 500 }, (_, n) => `${n},${n % 10 === 7 ? "bad" : "ok"}\n`);
  at.write("a.csv", `id,note\n# a comment\n\n${rows.join("")}`);
  return at;
}

test("only the first items are run, and the summary says that the rest was left out", async () => {
  const at = withRows();
  const { stdout, code } = await at.run("run", "rows.ts", "a.csv", "--max-items", "25", "--output", "o");
  expect(stdout).toContain("  items    25: 23 succeeded, 2 failed\n");
  expect(stdout).toContain(
    "  limit    only the first 25 items of the input, as asked for: the rest was left out\n",
  );
  expect(stdout).toContain("ITEM_FAILED, TypeError, a.csv:11;");
  expect(stdout).toContain("ITEM_FAILED, TypeError, a.csv:21;");
  expect(code).toBe(1);
  expect(at.read("o").trim().split("\n")).toHaveLength(23);
});

test("the JSON summary has the limit, and no part of the input is missed", async () => {
  const at = withRows();
  const { summary } = await at.json("run", "rows.ts", "a.csv", "--max-items", "25");
  expect(summary).toMatchObject({ maxItems: 25, items: { total: 25, skipped: 0 } });
  expect(summary).not.toHaveProperty("incomplete");
  // The failed items fail again; nothing is planned beyond the limit.
  const redriven = await at.json("redrive", summary.batch);
  expect(redriven.summary).toMatchObject({ maxItems: 25, items: { total: 25, succeeded: 23, failed: 2 } });
});

test("the limit is a part of what an id stands for", async () => {
  const at = withRows();
  const run = ["run", "rows.ts", "a.csv", "--id", "x"];
  const { summary } = await at.json(...run, "--max-items", "5");
  expect((await at.json(...run, "--max-items", "5")).summary).toEqual(summary);
  const other = await at.run(...run, "--max-items", "6");
  expect(other.stderr).toContain("[BATCH_CONFLICT]");
});

test("the limit counts on over several inputs, packed ones and standard input too", () => {
  const at = withRows();
  at.write("b.csv", "id,note\nb1,ok\nb2,ok");
  writeFileSync(join(at.path, "c.csv.gz"), gzipSync("id,note\nc1,ok\nc2,ok\n"));
  const args = ["run", "rows.ts", "b.csv", "c.csv.gz", "-", "a.csv", "--max-items", "5", "--output", "o"];
  const options = { cwd: at.path, input: "id,note\ns1,ok\ns2,ok\n", timeout: 60_000 };
  expect(spawnSync(process.execPath, [BIN, ...args], options).status).toBe(0);
  expect(at.read("o")).toBe('"b1"\n"b2"\n"c1"\n"c2"\n"s1"\n');
});

test.each(["0", "-1", "1.5", "many"])("a limit of %s is refused", async (limit) => {
  const at = withRows();
  const { stderr, code } = await at.run("run", "rows.ts", "a.csv", "--max-items", limit);
  expect(stderr).toContain("It must be a whole number of at least 1.");
  expect(code).toBe(2);
});
