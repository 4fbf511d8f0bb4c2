import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workspace, rangeJob, ROOT } from "../../command.ts";

const EVEN = "(n) => { if (n % 2) throw new Error('odd'); return n; }";

test("every item succeeded: exit code 0, the summary on standard output, progress on standard error", async () => {
  const at = workspace();
  at.write("numbers.ts", rangeJob());
  const { code, stdout, stderr } = await at.run("run", "numbers.ts");
  expect(stderr).toMatch(/^numbers: batch \w{26} runs\n$/);
  const batch = /batch (\w+)/.exec(stderr)?.[1] ?? "";
  expect(stdout).toMatch(/^numbers succeeded\n {2}batch {4}\w{26}\n {2}items {4}20, all succeeded\n/);
  expect(stdout).toContain(`.fanjoin/batches/${batch}/result.json  4 B\n`);
  expect(stdout).toMatch(/\n\n190\n$/);
  expect(code).toBe(0);
  expect(at.read(`.fanjoin/batches/${batch}/result.json`)).toBe("190\n");
});

test("some items failed: exit code 1, and they are listed", async () => {
  const at = workspace();
  at.write("numbers.ts", rangeJob({ process: EVEN }));
  const { code, stdout } = await at.run("run", "numbers.ts");
  expect(stdout).toContain("numbers completed with failures");
  expect(stdout).toContain("20: 10 succeeded, 10 failed");
  expect(stdout).toContain(
    "\n  10  odd\n      ITEM_FAILED, range, item 1 and 9 others; the job does not retry this\n",
  );
  expect(code).toBe(1);
});

test("--json prints exactly one document of the documented shape", async () => {
  const at = workspace();
  at.write("numbers.ts", rangeJob({ process: EVEN, more: "join: { all: collect(), n: count() }" }));
  const { code, summary } = await at.json("run", "numbers.ts");
  const { batch, createdAt, endedAt, seconds } = summary;
  const file = (name: string): string => join(at.path, ".fanjoin", "batches", batch, name);
  expect(summary).toEqual({
    batch: expect.stringMatching(/^[0-9A-Z]{26}$/),
    job: "numbers",
    state: "completed-with-failures",
    items: { total: 20, succeeded: 10, failed: 10, skipped: 0 },
    chunks: { total: expect.any(Number), settled: expect.any(Number), skipped: 0 },
    damaged: 0,
    details: expect.objectContaining({
      where: "machine",
      input: { reader: "range", unit: "items", size: 20, sources: [{ name: "range", size: 20 }], count: 1 },
      jobFile: join(at.path, "numbers.ts"),
      threads: null,
      concurrency: 1,
    }),
    createdAt: new Date(createdAt).toISOString(),
    endedAt: new Date(endedAt ?? 0).toISOString(),
    seconds: expect.any(Number),
    result: {
      path: file("result.json"),
      bytes: expect.any(Number),
      value: expect.objectContaining({ n: 10 }),
    },
    outputs: { path: file("outputs.jsonl"), bytes: 25 },
    failed: { path: file("failed.jsonl") },
    failures: {
      groups: [
        {
          id: expect.stringMatching(/^[0-9a-z]+$/),
          code: "ITEM_FAILED",
          class: "Error",
          message: "odd",
          count: 10,
          advice: "the job does not retry this",
          at: expect.stringMatching(/^Object\.process \(numbers\.ts:\d+:\d+\)$/),
          first: Array.from({ length: 10 }, (_, n) => {
            return { source: "range", index: 2 * n + 1, line: null, offset: null, attempts: 1 };
          }),
        },
      ],
      others: 0,
    },
    error: null,
  });
  expect(seconds).toBeCloseTo((Date.parse(endedAt ?? "") - Date.parse(createdAt)) / 1000, 3);
  expect(code).toBe(1);
});

test("the output and the log of jobs go to standard error, so that --json stays one document", async () => {
  const at = workspace();
  at.write(
    "numbers.ts",
    rangeJob({
      to: 2,
      process: "(n, { log }) => { console.log('printed'); log.warn('logged', { n }); return n; }",
    }),
  );
  const { summary, stderr, code } = await at.json("run", "numbers.ts", "--quiet");
  expect(summary.state).toBe("succeeded");
  expect(stderr).toContain("printed");
  expect(stderr).toContain("warn: logged { n: 1 }\n");
  expect(stderr).not.toContain("runs");
  expect(code).toBe(0);
});

test("more failures than the job tolerates: exit code 3 and the reason", async () => {
  const at = workspace();
  at.write("numbers.ts", rangeJob({ process: EVEN, more: "failFast: true" }));
  const { code, stdout } = await at.run("run", "numbers.ts");
  expect(stdout).toMatch(/numbers failed\n[^]*the job tolerates 0 \[TOO_MANY_FAILURES\]/);
  expect(code).toBe(3);
});

test("--output copies the result, or the ordered outputs of a job that collects", async () => {
  const at = workspace();
  at.write("sum.ts", rangeJob());
  at.write("all.ts", rangeJob({ to: 4, more: "join: collect()" }));
  const sum = await at.run("run", "sum.ts", "--output", "sum.json");
  expect(sum.code).toBe(0);
  expect(sum.stderr).toMatch(/\ncopied the result to sum\.json\n$/);
  expect(at.read("sum.json")).toBe("190\n");
  const all = await at.run("run", "all.ts", "--output", "all.jsonl");
  expect(all.code).toBe(0);
  expect(all.stderr).toMatch(/\ncopied the ordered outputs to all\.jsonl\n$/);
  expect(at.read("all.jsonl")).toBe("0\n1\n2\n3\n");
  const quiet = await at.run("run", "all.ts", "--output", "all.jsonl", "--quiet");
  expect(quiet).toMatchObject({ code: 0, stderr: "" });
});

test("--output - prints only the result on standard output", async () => {
  const at = workspace();
  at.write("sum.ts", rangeJob());
  const { code, stdout, stderr } = await at.run("run", "sum.ts", "--output", "-");
  expect(stdout).toBe("190\n");
  expect(stderr).toContain("numbers succeeded");
  expect(code).toBe(0);
});

test.skipIf(!existsSync("/dev/full"))(
  "if the result cannot be copied, the error names its place",
  async () => {
    const at = workspace();
    at.write("sum.ts", rangeJob());
    const { code, stderr } = await at.run("run", "sum.ts", "--output", "/dev/full");
    expect(stderr).toMatch(
      /\nfanjoin: cannot write to \/dev\/full: ENOSPC.*The result is in .*result.json\n$/,
    );
    expect(code).toBe(3);
  },
);

test("the same --id is the same batch; another input is refused", async () => {
  const at = workspace();
  at.write("sum.ts", rangeJob());
  const first = await at.json("run", "sum.ts", "--id", "monday");
  const second = await at.json("run", "sum.ts", "--id", "monday");
  expect(second.summary).toEqual(first.summary);
  expect(second.code).toBe(0);
  at.write("sum.ts", rangeJob({ to: 30 }));
  const other = await at.run("run", "sum.ts", "--id", "monday");
  expect(other.stderr).toContain("[BATCH_CONFLICT]");
  expect(other.stdout).toBe("");
  expect(other.code).toBe(2);
});

test("parameters reach the job, as JSON and from a file", async () => {
  const at = workspace();
  at.write("scaled.ts", rangeJob({ to: 4, process: "(n, { params }) => n * params.by" }));
  at.write("params.json", '{ "by": 10 }');
  expect((await at.json("run", "scaled.ts", "--params", '{"by":2}')).summary.result?.value).toBe(12);
  expect((await at.json("run", "scaled.ts", "--params", "@params.json")).summary.result?.value).toBe(60);
});

test("a parameter file is read once: the job gets the checked value even if the file changes", async () => {
  const at = workspace();
  const scaled = rangeJob({ to: 4, process: "(n, { params }) => n * params.by" });
  at.write(
    "scaled.ts",
    `import { writeFileSync } from "node:fs"; ${scaled} writeFileSync("params.json", "2");`,
  );
  at.write("params.json", '{ "by": 10 }');
  expect((await at.json("run", "scaled.ts", "--params", "@params.json")).summary.result?.value).toBe(60);
  expect(at.read("params.json")).toBe("2");
});

test("inline items, and chunks of the given size", async () => {
  const at = workspace();
  at.write(
    "words.ts",
    `
    import { collect, defineJob, items } from "fanjoin";
    export default defineJob({ name: "words", input: items(["a", "b", "ü\\n"]), process: (word) => word + "!", join: collect() });
  `,
  );
  const { summary } = await at.json("run", "words.ts", "--chunk-items", "1", "--output", "out.jsonl");
  expect(at.read("out.jsonl")).toBe('"a!"\n"b!"\n"ü\\n!"\n');
  expect(summary.chunks).toEqual({ total: 3, settled: 3, skipped: 0 });
});

test("a directory and a glob are several inputs in name order; failed items name their file", async () => {
  const at = workspace();
  at.write(
    "lines.ts",
    `
    import { collect, defineJob, lines } from "fanjoin";
    export default defineJob({ name: "lines", input: lines(), retries: 0, join: collect(),
      process(line) { if (line === "bad") throw new Error("no"); return line; } });
  `,
  );
  at.write("data/b.txt", "three\nbad\n");
  at.write("data/a.txt", "one\ntwo\n");
  at.write("data/.hidden", "hidden\n");
  const glob = await at.run("run", "lines.ts", "data/*.txt", "--output", "out.jsonl");
  expect(at.read("out.jsonl")).toBe('"one"\n"two"\n"three"\n');
  expect(glob.stdout).toContain("\n  1  no\n     ITEM_FAILED, data/b.txt:2; ");
  expect(glob.code).toBe(1);
  await at.run("run", "lines.ts", "data", "--output", "out2.jsonl");
  expect(at.read("out2.jsonl")).toBe(at.read("out.jsonl"));
});

test.for([
  ["bird-strikes", "birdstrikes.csv"],
  ["earthquakes", "earthquakes.jsonl"],
] as const)("the example %s runs on its input", async ([job, input]) => {
  const { summary, code } = await workspace().json(
    "run",
    join(ROOT, "examples", `${job}.ts`),
    join(ROOT, "events/inputs", input),
  );
  expect(summary).toMatchObject({ job, state: "succeeded" });
  expect(code).toBe(0);
});
