import { expect, test } from "vitest";
import type { BatchFileName } from "../../../src/batch/summary/files.ts";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { batchDifference } from "../../../src/cli/follow/batch-difference.ts";

type Files = { readonly [Name in BatchFileName]?: string };

const FAILED = { source: "a", index: 1, line: 2, offset: 3, attempts: 1, code: "ITEM_FAILED", item: "x" };

function failedText(chunk: number, message = "no"): string {
  return `${JSON.stringify({ ...FAILED, chunk, error: { name: "Error", message, stack: [`at ${chunk}`] } })}\n`;
}

const SUMMARY = {
  state: "succeeded",
  items: { total: 2, succeeded: 2, failed: 0, skipped: 0 },
  result: { path: "", bytes: 1 },
  error: null,
} as unknown as BatchSummary;

/** The difference between two batches with these files, beside what `other` says. */
function difference(one: Files, two: Files, other: Partial<BatchSummary> = {}): Promise<string | null> {
  const run = (files: Files, summary: BatchSummary) => ({
    summary,
    async *read(file: BatchFileName) {
      yield Buffer.from(files[file] ?? "");
    },
  });
  return batchDifference(run(one, SUMMARY), run(two, { ...SUMMARY, ...other }));
}

test("the order of keys, the chunks of failed items and their stacks may differ", async () => {
  const one = {
    "result.json": '{"a":1,"b":[2]}\n',
    "outputs.jsonl": '1\n{"x":1,"y":2}\n',
    "failed.jsonl": failedText(0),
  };
  const two = {
    "result.json": '{"b":[2],"a":1}\n',
    "outputs.jsonl": '1\n{"y":2,"x":1}\n',
    "failed.jsonl": failedText(9),
  };
  expect(await difference(one, two)).toBeNull();
});

test.for([
  [{ "result.json": "[1,\n2]" }, { "result.json": "[1]" }, "result.json is [1], and plainly [1, 2]"],
  [
    { "result.json": "1", "outputs.jsonl": "1\n2\n" },
    { "result.json": "1", "outputs.jsonl": "1\n3\n" },
    "line 2 of outputs.jsonl is 3, and plainly 2",
  ],
  [
    { "result.json": "1", "outputs.jsonl": "1\n2\n" },
    { "result.json": "1", "outputs.jsonl": "1\n" },
    "line 2 of outputs.jsonl is missing, and plainly 2",
  ],
  [
    { "result.json": "1", "failed.jsonl": failedText(0) },
    { "result.json": "1", "failed.jsonl": failedText(0, "other") },
    expect.stringContaining('line 1 of failed.jsonl is {"source":"a"'),
  ],
] as const)("the first difference is named: %#", async ([one, two, text]) => {
  expect(await difference(one, two)).toEqual(text);
});

test("states and counts are compared, too", async () => {
  const error = { code: "MERGE_FAILED", message: "boom" } as const;
  const same = { "result.json": "1" };
  expect(await difference(same, same, { state: "failed", error })).toBe(
    "it is failed (MERGE_FAILED: boom), and plainly succeeded",
  );
  expect(await difference(same, same, { items: { total: 2, succeeded: 1, failed: 1, skipped: 0 } })).toBe(
    "1 items succeeded, and plainly 2",
  );
});
