/** A dry run reads and validates items, runs nothing else of the job, and leaves nothing behind. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import { dryRun } from "../../../src/open/open.ts";

/** Items are numbers below 90. What must not run leaves a file behind. */
const JOB = (at: string, more = "", input = "lines()") => `
import { writeFileSync } from "node:fs";
import { defineJob, fold, from, lines } from "fanjoin";
const ran = (what) => writeFileSync(${JSON.stringify(at)} + "/ran-" + what, "");
const item = { "~standard": { version: 1, vendor: "test", validate(raw) {
  ${more}
  return raw < 90 ? { value: Number(raw) } : { issues: [{ message: "is too large" }] };
} } };
export default defineJob({ name: "small", input: ${input}, item, failFast: true, setup: () => ran("setup"), teardown: () => ran("teardown"),
  process() { ran("process"); throw new Error("no"); },
  join: fold({ init: () => { ran("init"); return 0; }, add: () => ran("add"), merge: () => ran("merge"), finish: () => ran("finish") }),
});`;

interface Bench {
  readonly job: string;
  readonly path: (name: string) => string;
  /** The temporary directories of dry runs. */
  readonly left: () => readonly string[];
}

function bench(more = "", input = "lines()"): Bench {
  const root = mkdtempSync(join(tmpdir(), "fanjoin-test-"));
  const temporary = join(root, "tmp");
  mkdirSync(temporary);
  vi.stubEnv("TMPDIR", temporary);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(root, { recursive: true, force: true });
  });
  const path = (name: string): string => join(root, name);
  writeFileSync(path("job.ts"), JOB(root, more, input));
  return { job: path("job.ts"), path, left: () => dryRunsIn(temporary) };
}

/** Node keeps its compile cache beside them. */
function dryRunsIn(directory: string): readonly string[] {
  return readdirSync(directory).filter((name) => name.startsWith("fanjoin-dry-run-"));
}

function numbers(to: number): string {
  return Array.from({ length: to }, (_, n) => `${n}\n`).join("");
}

test("the items that the schema refuses are listed, and nothing else of the job runs", async () => {
  const { job, path, left } = bench();
  writeFileSync(path("a.gz"), gzipSync(numbers(100)));
  writeFileSync(path("b.txt"), "5\n95\n");
  const report = await dryRun(job, { input: [path("a.gz"), path("b.txt")], threads: 2 });
  expect(report).toMatchObject({
    job: "small",
    dryRun: true,
    items: { total: 102, failed: 11 },
    failures: { groups: [{ code: "ITEM_INVALID", count: 11 }], others: 0 },
    error: null,
  });
  expect(report.failed.map(({ item }) => item)).toEqual(
    [90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 95].map(String),
  );
  expect(report.failed[10]).toMatchObject({ source: path("b.txt"), index: 1, line: 2, offset: 2 });
  expect(readdirSync(path(".")).filter((name) => name.startsWith("ran-"))).toEqual([]);
  expect(left()).toEqual([]);
});

test("only the first items are looked at, if a limit says so", async () => {
  const { job, path } = bench();
  writeFileSync(path("a.txt"), numbers(100));
  const report = await dryRun(job, { input: [path("a.txt")], maxItems: 91, threads: 1 });
  expect(report).toMatchObject({ items: { total: 91, failed: 1 }, maxItems: 91 });
});

test("many failed items are all counted, and the first hundred are listed", async () => {
  const { job, path } = bench();
  writeFileSync(path("a.txt"), "99\n".repeat(3_000));
  const report = await dryRun(job, { input: [path("a.txt")], threads: 1 });
  expect(report).toMatchObject({ items: { total: 3_000, failed: 3_000 } });
  expect(report.failures?.groups).toMatchObject([{ count: 3_000 }]);
  expect(report.failed.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

test("an item whose check ends its thread is one failed item; process does not run beside it", async () => {
  const { job, path } = bench('if (raw === "7") process.exit(1);');
  writeFileSync(path("a.txt"), numbers(20));
  const report = await dryRun(job, { input: [path("a.txt")], threads: 1 });
  expect(report).toMatchObject({ items: { total: 20, failed: 1 } });
  expect(report.failed).toMatchObject([{ index: 7, code: "ITEM_CRASHED" }]);
  expect(existsSync(path("ran-process"))).toBe(false);
});

test("an input that cannot be read at all is the reason why the batch would fail", async () => {
  const { job, path } = bench();
  writeFileSync(path("a.gz"), "no gzip");
  const report = await dryRun(job, { input: [path("a.gz")], threads: 1 });
  expect(report).toMatchObject({ error: { code: "INPUT_INVALID" } });
});

test("a signal ends it, and nothing is left", async () => {
  const { job, path, left } = bench("", "from(function* () { for (let n = 0; ; n++) yield n % 80; })");
  const stop = new AbortController();
  const reason = new Error("enough");
  const running = dryRun(job, { threads: 1, signal: stop.signal, onProgress: () => stop.abort(reason) });
  await expect(running).rejects.toBe(reason);
  expect(left()).toEqual([]);
  expect(existsSync(path(".fanjoin"))).toBe(false);
});

test("a job or an input that is not there is refused, and nothing is left", async () => {
  const { job, path, left } = bench();
  await expect(dryRun(path("other.ts"), {})).rejects.toMatchObject({ code: "JOB_INVALID" });
  await expect(dryRun(job, { input: [path("no.txt")] })).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
  await expect(dryRun(job, { threads: 0 })).rejects.toMatchObject({ code: "USAGE" });
  expect(left()).toEqual([]);
});
