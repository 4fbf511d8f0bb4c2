import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workspace } from "../../command.ts";

const JOB = `import { appendFileSync } from "node:fs";
  import { defineJob, lines, sum } from "fanjoin";
  export default defineJob({
    name: "sizes", input: lines(), join: sum(),
    process: (line) => { appendFileSync("ran.txt", "x"); return line.length; },
    onEnd: { webhooks: ["http://127.0.0.1:1/"], privateWebhooks: true },
  });`;

test("a sample is run, its results are deleted, and the whole is estimated", async () => {
  const at = workspace();
  at.write("sizes.ts", JOB);
  at.write("in.txt", "a line\n".repeat(20_000));
  const args = ["run", "sizes.ts", "in.txt", "--estimate", "--yes", "--max-items", "500", "--json"];
  const { code, stdout, stderr } = await at.run(...args);
  expect(stderr).not.toContain("webhook");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    job: "sizes",
    estimate: true,
    items: 20_000,
    sample: { items: 500, failed: 0 },
    pricesOf: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string,
  });
  expect(at.read("ran.txt")).toHaveLength(500);
  expect(existsSync(join(at.path, ".fanjoin"))).toBe(false);
  const text = await at.run("run", "sizes.ts", "in.txt", "--estimate", "--yes", "--quiet");
  expect(text.stdout).toMatch(/^sizes: about 20,000 items would cost about \$0\.\d+ on AWS\n/);
});

test("where nobody can be asked, nothing is run without --yes", async () => {
  const at = workspace();
  at.write("sizes.ts", JOB);
  at.write("in.txt", "a line\n");
  const { code, stderr } = await at.run("run", "sizes.ts", "in.txt", "--estimate");
  expect(code).toBe(2);
  expect(stderr).toContain("--estimate runs `process` for the first 1,000 items, with all that it does");
  expect(existsSync(join(at.path, "ran.txt"))).toBe(false);
});

test("a limit of the cost is refused on this machine, and an estimate on a stack", async () => {
  const at = workspace();
  at.write("sizes.ts", JOB);
  at.write("in.txt", "a line\n");
  const limited = await at.run("run", "sizes.ts", "in.txt", "--max-cost-usd", "1");
  expect(limited).toMatchObject({ code: 2 });
  expect(limited.stderr).toContain("nothing is charged on this machine");
  const submit = await at.run("submit", "sizes", "in.txt", "--stack", "prod", "--estimate");
  expect(submit).toMatchObject({ code: 2, stderr: expect.stringContaining("fanjoin run JOB.ts") as string });
});
