import { expect, test } from "vitest";
import { latestUnfinished, pickBatch } from "../../src/cli/local/pick-batch.ts";
import { errorText } from "../../src/cli/error-text.ts";
import { exitCodeOf } from "../../src/cli/exit-codes.ts";
import { batchSpec } from "../../src/batch/new-batch.ts";
import { jobInput } from "../../src/batch/job-input.ts";
import { logLine } from "../../src/cli/display/log-line.ts";
import { parseParams, positive } from "../../src/cli/common-options.ts";
import { resumeCommand } from "../../src/cli/shell-command.ts";
import { FanjoinError } from "../../src/core/errors.ts";
import type { Fields } from "../../src/core/records/record.ts";
import { parseOptions } from "../../src/job/options.ts";
import type { JobDescription } from "../../src/local/engine/engine.ts";

test("numbers are whole and positive", () => {
  expect(positive("12")).toBe(12);
  for (const text of ["0", "-1", "1.5", "1e3", "", "many", "99999999999999999999"]) {
    expect(() => positive(text)).toThrow("whole number");
  }
});

test("parameters are JSON; no parameters are null", () => {
  expect(parseParams(undefined)).toBeNull();
  expect(parseParams('{"a":[1]}')).toEqual({ a: [1] });
  expect(() => parseParams("a")).toThrow(/^--params a is not JSON/);
});

test("every state has its exit code", () => {
  const states = ["succeeded", "completed-with-failures", "failed", "cancelled", "running"] as const;
  expect(states.map(exitCodeOf)).toEqual([0, 1, 3, 3, 130]);
});

test("the resume command begins like the command that was called", () => {
  expect(resumeCommand("01K", ".fanjoin", {})).toBe("fanjoin resume 01K");
  expect(resumeCommand("01K", "/var/my state", { npm_command: "exec" })).toBe(
    "npx fanjoin resume 01K --dir '/var/my state'",
  );
});

test("a mistake is a sentence with its code; a bug shows its stack", () => {
  expect(errorText(new FanjoinError("JOB_INVALID", "no\n  at x"))).toBe("fanjoin: no [JOB_INVALID]\n  at x");
  expect(errorText(new TypeError("oops"))).toMatch(/probably a bug in fanjoin\.\n\nTypeError: oops\n {4}at /);
});

test("debug entries are shown only on request", () => {
  const entry = { level: "debug", message: "seen", fields: { n: [1, 2] } } as const;
  expect(logLine(entry, false)).toBeNull();
  expect(logLine(entry, true)).toBe("debug: seen { n: [ 1, 2 ] }");
});

const BATCHES = new Map<string, Fields>([
  ["batch/01AB", { endedAt: 1 }],
  ["batch/01AC", {}],
  ["batch/01B", { endedAt: 1 }],
]);
const ledger = {
  read: async (keys: readonly string[]) => keys.map((key) => BATCHES.get(key) ?? null),
  list: async (prefix: string, after: string | null, limit: number) =>
    Array.from(BATCHES, ([key, fields]) => ({ key, fields }))
      .filter(({ key }) => key.startsWith(prefix) && (after === null || key > after))
      .slice(0, limit),
};

test("a batch is found by its id or a unique prefix, in upper or lower case", async () => {
  expect((await pickBatch(ledger, "01b", ".fanjoin")).batch).toBe("01B");
  expect((await pickBatch(ledger, "01AB", ".fanjoin")).batch).toBe("01AB");
  await expect(pickBatch(ledger, "01A", ".fanjoin")).rejects.toMatchObject({ code: "USAGE" });
  await expect(pickBatch(ledger, "", ".fanjoin")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
  expect((await latestUnfinished(ledger, ".fanjoin")).batch).toBe("01AC");
});

const job = (input: JobDescription["input"]): JobDescription => ({
  file: "/job.ts",
  name: "job",
  input,
  options: parseOptions({ chunk: { items: 7 }, deadlineMs: 1000, failFast: true }),
  joins: true,
  outputs: false,
});
const storeInput = async (batch: string, text: string) => ({
  name: `${batch}/in`,
  bytes: text.length,
  version: "v",
});

test("a range is one source, inline items are stored as JSON lines, for the batch that they belong to", async () => {
  const range = job({ kind: "range", options: { from: 5, to: 9 }, own: { from: 5, to: 9 } });
  const none = { sources: [], params: null, store: storeInput };
  const { sources } = await jobInput({ job: range, ...none }).forBatch("01K");
  expect(sources).toEqual([{ name: "", label: "range", size: 4, version: "" }]);
  const items = job({ kind: "items", options: {}, own: { items: [1, undefined] } });
  const stored = await jobInput({ job: items, ...none }).forBatch("01K");
  expect(stored.sources).toEqual([{ name: "01K/in", label: "items", size: 7, version: "v" }]);
});

test("the same input has the same fingerprint, and other parameters or versions another one", async () => {
  const csv = job({ kind: "csv", options: {} });
  const source = { name: "file:///a.csv", label: "a.csv", size: 3, version: "1" };
  const print = (given: typeof source, params: number | null): Promise<string> =>
    jobInput({ job: csv, sources: [given], params, store: storeInput }).fingerprint();
  expect(await print({ ...source, label: "./a.csv" }, null)).toBe(await print(source, null));
  const prints = [print(source, null), print(source, 1), print({ ...source, version: "2" }, null)];
  expect(new Set(await Promise.all(prints)).size).toBe(3);
});

test("the command line's chunk size goes before the job's, and the job's other options are kept", () => {
  const input = { reader: "csv", options: {}, sources: [] } as const;
  const options = { params: null, chunkItems: null, chunkBytes: 10 };
  const made = { batch: "01K", createdAt: 500, jobFile: "/job.ts" };
  expect(batchSpec({ job: job({ kind: "csv", options: {} }), input, options, ...made })).toMatchObject({
    chunk: { items: 7, bytes: 10 },
    tolerate: { count: 0 },
    createdAt: 500,
    deadlineAt: 1500,
    jobFile: "/job.ts",
  });
});
