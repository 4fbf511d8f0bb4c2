import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workspace, rangeJob } from "../../command.ts";
import type { Workspace } from "../../command.ts";

const FIXED = "(n) => n";
const ODD_FAILS = "(n) => { if (n % 2) throw new Error('odd'); return n; }";
const JOINS =
  "join: { order: fold({ init: () => '', add: (a, n) => a + n + ' ', merge: (a, b) => a + b }), all: collect() }";

function writeJob(at: Workspace, process: string, to = 20): void {
  at.write("numbers.ts", rangeJob({ process, to, more: JOINS }));
}

const numbers = (to: number): number[] => Array.from({ length: to }, (_, n) => n);

test("redrive runs the failed items with the current job file; files and counts cover all items", async () => {
  const at = workspace();
  writeJob(at, ODD_FAILS);
  const first = await at.json("run", "numbers.ts", "--chunk-items", "3");
  expect(first.code).toBe(1);
  writeJob(at, FIXED);
  const { code, summary } = await at.json("redrive", first.summary.batch);
  expect(summary).toMatchObject({
    batch: first.summary.batch,
    state: "succeeded",
    items: { total: 20, succeeded: 20, failed: 0, skipped: 0 },
    chunks: { total: 7, settled: 7, skipped: 0 },
    result: {
      value: {
        order: numbers(20)
          .map((n) => `${n} `)
          .join(""),
        all: 20,
      },
    },
    failed: null,
  });
  expect(code).toBe(0);
  expect(at.read(`.fanjoin/batches/${summary.batch}/outputs.jsonl`)).toBe(
    numbers(20)
      .map((n) => `${n}\n`)
      .join(""),
  );
  expect(existsSync(join(at.path, `.fanjoin/batches/${summary.batch}/failed.jsonl`))).toBe(false);
});

test("redrive runs only failures of the given code or class; an unknown kind is refused, with a list of the kinds", async () => {
  const at = workspace();
  writeJob(
    at,
    "(n) => { if (n === 3) throw new TypeError('no'); if (n === 4) throw new RangeError('no'); return n; }",
  );
  const { summary } = await at.json("run", "numbers.ts");
  writeJob(at, FIXED);
  const wrong = await at.run("redrive", summary.batch, "--error", "SyntaxError");
  expect(wrong.stderr).toContain(
    "matches; its failed items are: 1 × ITEM_FAILED (TypeError), 1 × ITEM_FAILED (RangeError)",
  );
  expect(wrong.code).toBe(2);
  expect((await at.run("redrive", summary.batch, "--code", "NO_SUCH")).code).toBe(2);
  const some = await at.json("redrive", summary.batch, "--error", "TypeError", "--error", "SyntaxError");
  expect(some.summary.items).toMatchObject({ succeeded: 19, failed: 1 });
  expect(some.code).toBe(1);
  expect((await at.run("failed", summary.batch)).stdout).toContain('"name":"RangeError"');
});

test("redrive without failed items does nothing and says so", async () => {
  const at = workspace();
  writeJob(at, FIXED);
  const { summary } = await at.json("run", "numbers.ts");
  const { code, stderr, stdout } = await at.run("redrive", summary.batch);
  expect(stderr).toContain("has nothing to redrive");
  expect(stdout).toContain("numbers succeeded");
  expect(code).toBe(0);
});

test("redrive refuses a batch that has not ended, and an unknown batch", async () => {
  const at = workspace();
  writeJob(at, "async (n, { signal }) => new Promise((resolve) => setTimeout(resolve, 60_000))");
  const running = at.start("run", "numbers.ts");
  const [, batch = ""] = await running.said(/batch (\w+) runs/);
  const refused = await at.run("redrive", batch);
  expect(refused.stderr).toContain("has not ended");
  expect(refused.code).toBe(2);
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  expect((await at.run("redrive", batch)).stderr).toContain(`fanjoin resume ${batch}`);
  expect((await at.run("redrive", "01NONE")).code).toBe(2);
});

test("redrive completes a cancelled batch", async () => {
  const at = workspace();
  writeJob(
    at,
    "async (n, { signal }) => { if (n > 5) await new Promise((resolve) => setTimeout(resolve, 60_000)); return n; }",
  );
  const running = at.start("run", "numbers.ts", "--chunk-items", "2");
  const [, batch = ""] = await running.said(/batch (\w+) runs/);
  await at.run("cancel", batch);
  expect((await running.ended).code).toBe(3);
  writeJob(at, FIXED);
  const { code, summary } = await at.json("redrive", batch);
  expect(summary).toMatchObject({ state: "succeeded", items: { total: 20, succeeded: 20, skipped: 0 } });
  expect(summary.result).toMatchObject({
    value: {
      order: numbers(20)
        .map((n) => `${n} `)
        .join(""),
    },
  });
  expect(code).toBe(0);
});

test("redrive shows how many failed items are left, and so does watch", async () => {
  const at = workspace();
  writeJob(at, ODD_FAILS, 2000);
  const { summary } = await at.json("run", "numbers.ts");
  writeJob(at, "async (n) => { await new Promise((resolve) => setTimeout(resolve, 100)); return n; }", 2000);
  const running = at.start("redrive", summary.batch);
  await running.said(/batch \w+ runs/);
  const watching = at.start("watch", summary.batch);
  for (const one of [running, watching]) {
    const [line = ""] = await one.said(/numbers: .*before.*/);
    expect(line).toMatch(/^numbers: 2,000 items, [\d,]+ failed of 1,000 before/);
  }
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
});

test("redrive --dry-run runs nothing and lists the groups; --group runs one of them", async () => {
  const at = workspace();
  const fails =
    "(n) => { if (n === 3) throw new TypeError('no 3\\u001b'); if (n > 15) throw new RangeError('no'); return n; }";
  writeJob(at, fails);
  const { summary } = await at.json("run", "numbers.ts");
  const [ranges, types] = summary.failures?.groups ?? [];
  const all = await at.run("redrive", summary.batch, "--dry-run");
  expect(all).toMatchObject({ code: 0, stderr: "" });
  expect(all.stdout).toBe(
    [
      `A redrive of batch ${summary.batch} would run 5 failed items again.`,
      "  5 had no second try: the job does not retry them",
      "Groups of its failed items, for --group:",
      `  ${ranges?.id}  4  ITEM_FAILED, no`,
      `  ${types?.id}  1  ITEM_FAILED, no 3\\u001b`,
      "",
    ].join("\n"),
  );
  const one = ["--group", types?.id ?? ""];
  const dry = await at.run("redrive", summary.batch, ...one, "--dry-run", "--json");
  expect(JSON.parse(dry.stdout)).toMatchObject({ failed: 1, byCode: { ITEM_FAILED: 1 }, skipped: 0 });
  expect((await at.json("show", summary.batch)).summary).toMatchObject({ items: { failed: 5 } });
  const unknown = await at.run("redrive", summary.batch, "--group", "s0");
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain(
    `--group s0 is not a group of batch ${summary.batch}; its groups are: ${ranges?.id} (4 × ITEM_FAILED, no), `,
  );
  writeJob(at, FIXED);
  const redriven = await at.json("redrive", summary.batch, ...one);
  expect(redriven.summary).toMatchObject({ items: { succeeded: 16, failed: 4 } });
});
