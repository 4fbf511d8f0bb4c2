/** `run --dry-run`: what would fail, and nothing is kept. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workspace } from "../../command.ts";
import type { Workspace } from "../../command.ts";

const JOB = `
  import { csv, defineJob, sum } from "fanjoin";
  const validate = (row) => (Number(row.id) < 90 ? { value: row } : { issues: [{ message: "is too large" }] });
  export default defineJob({ name: "rows", input: csv(), item: { "~standard": { version: 1, vendor: "t", validate } },
    join: sum(), process() { console.log("processed"); throw new Error("no"); } });
`;

function withRows(): Workspace {
  const at = workspace({ TMPDIR: "tmp" });
  mkdirSync(join(at.path, "tmp"));
  at.write("rows.ts", JOB);
  at.write("a.csv", `id\n${Array.from({ length: 1_000 }, (_, n) => `${n % 100}\n`).join("")}`);
  return at;
}

/** Node keeps its compile cache beside them. */
function leftIn(at: Workspace): readonly string[] {
  return readdirSync(join(at.path, "tmp")).filter((name) => name.startsWith("fanjoin-dry-run-"));
}

const DRY = ["run", "rows.ts", "a.csv", "--dry-run"];
const NOTE = "  only read and validated: neither process nor the join ran, and nothing is kept\n";

test("the number of items that would fail, the first places and reasons, and exit code 1", async () => {
  const at = withRows();
  const { stdout, stderr, code } = await at.run(...DRY);
  expect(stdout).toBe(
    [
      "rows: of 1,000 items 100 would fail:",
      "",
      "  100  is too large",
      "       ITEM_INVALID, a.csv:92 and 99 others; the item has to change, or the job",
      "",
      NOTE,
    ].join("\n"),
  );
  expect(stderr).toBe("");
  expect(code).toBe(1);
  expect(existsSync(join(at.path, ".fanjoin"))).toBe(false);
  expect(leftIn(at)).toEqual([]);
});

test.each([
  ["91", "of the first 91 items 1 would fail:", 1],
  ["90", "of the first 90 items none would fail\n", 0],
  ["2000", "of 1,000 items 100 would fail:", 1],
])("of the first %s items", async (limit, headline, wanted) => {
  const at = withRows();
  const { stdout, code } = await at.run(...DRY, "--max-items", limit);
  expect(stdout).toContain(`rows: ${headline}`);
  expect(code).toBe(wanted);
});

test("--json prints one document", async () => {
  const at = withRows();
  const { stdout, code } = await at.run(...DRY, "--max-items", "91", "--json");
  expect(JSON.parse(stdout)).toEqual({
    job: "rows",
    dryRun: true,
    items: { total: 91, failed: 1 },
    maxItems: 91,
    failures: { groups: [expect.objectContaining({ code: "ITEM_INVALID", count: 1 })], others: 0 },
    failed: [expect.objectContaining({ source: "a.csv", index: 90, line: 92, code: "ITEM_INVALID" })],
    error: null,
  });
  expect(code).toBe(1);
});

test("a batch that would fail as a whole has its reason, and exit code 1", async () => {
  const at = withRows();
  at.write("b.csv", "id,id\n1,2\n");
  const { stdout, code } = await at.run("run", "rows.ts", "b.csv", "--dry-run");
  expect(stdout).toMatch(/^rows: the batch would fail: .*two columns are named "id".* \[INPUT_INVALID\]\n/);
  expect(code).toBe(1);
});

test("Ctrl-C ends it, and nothing is kept", async () => {
  const at = withRows();
  at.write("endless.ts", JOB.replace("{ csv,", "{ from,").replace("csv()", ENDLESS));
  const running = at.start("run", "endless.ts", "--dry-run");
  await running.said(/begun/);
  running.child.kill("SIGINT");
  const { code, stdout, stderr } = await running.ended;
  expect(stderr).toContain("interrupted: nothing was run, and nothing is kept\n");
  expect([code, stdout]).toEqual([130, ""]);
  expect(leftIn(at)).toEqual([]);
});

const ENDLESS = "from(function* () { console.log('begun'); for (;;) yield { id: 1 }; })";

test("submit refuses it with the command that has it", async () => {
  const { stderr, code } = await workspace().run("submit", "rows", "--dry-run", "--stack", "prod");
  expect(stderr).toContain("use `fanjoin run JOB.ts … --dry-run` [USAGE]\n");
  expect(code).toBe(2);
});
