import { expect, test } from "vitest";
import { workspace } from "../command.ts";

const JOB = `import { defineJob, range } from "fanjoin";
  export default defineJob({
    name: "ends", input: range(4), retries: 0,
    process: (n) => { if (n === 2) throw new Error("two"); return n; },
  });`;

test("--on-end gets the summary and the batch, writes to standard error, and is not stored", async () => {
  const at = workspace();
  at.write("ends.ts", JOB);
  const command = 'cat > seen.json; echo "$FANJOIN_JOB $FANJOIN_BATCH $FANJOIN_STATE"';
  const { code, stderr, summary } = await at.json("run", "ends.ts", "--on-end", command);
  expect(code).toBe(1);
  expect(JSON.parse(at.read("seen.json"))).toEqual(summary);
  expect(stderr).toContain(`ends ${summary.batch} completed-with-failures\n`);
  expect(at.read(".fanjoin/state.db")).not.toContain("seen.json");
});

test("a command that fails is told, and changes no exit code", async () => {
  const at = workspace();
  at.write("ends.ts", JOB);
  const { code, stderr } = await at.run("run", "ends.ts", "--quiet", "--on-end", "exit 7");
  expect(code).toBe(1);
  expect(stderr).toContain('fanjoin: --on-end "exit 7" failed: it ended with 7');
});

test("watch and redrive run it, too; a submit that does not wait, and a dry run, refuse it", async () => {
  const at = workspace();
  at.write("ends.ts", JOB);
  await at.run("run", "ends.ts", "--quiet");
  await at.run("watch", "--quiet", "--on-end", "echo watched > watched");
  expect(at.read("watched")).toBe("watched\n");
  await at.run("redrive", "latest", "--quiet", "--on-end", "echo redriven > redriven");
  expect(at.read("redriven")).toBe("redriven\n");
  const submit = await at.run("submit", "ends", "--endpoint", "http://127.0.0.1:1", "--on-end", "true");
  expect(submit).toMatchObject({ code: 2, stderr: expect.stringContaining("add --wait") as string });
  expect(await at.run("run", "ends.ts", "--dry-run", "--on-end", "true")).toMatchObject({ code: 2 });
});
