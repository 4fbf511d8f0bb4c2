import { expect, test } from "vitest";
import { bytes, counted, duration, rate } from "../../../src/format.ts";
import type { FailureGroup } from "../../../src/core/failures/failure-summary.ts";
import { plain } from "../../../src/cli/display/progress/progress-line.ts";
import { summaryText } from "../../../src/cli/display/summary-text.ts";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";

const around = { cwd: "/home/me", paint: plain, columns: 60 };

const ended: BatchSummary = {
  batch: "01K",
  job: "sales",
  state: "succeeded",
  items: { total: 1000, succeeded: 1000, failed: 0, skipped: 0 },
  chunks: { total: 10, settled: 10, skipped: 0 },
  damaged: 0,
  createdAt: "2026-11-21T00:00:00.000Z",
  endedAt: "2026-11-21T00:00:01.800Z",
  seconds: 1.8,
  result: { path: "/home/me/.fanjoin/batches/01K/result.json", bytes: 812, value: { us: 12 } },
  outputs: null,
  failed: null,
  error: null,
};

test("a batch that succeeded: counts, time, files relative to the working directory, and a small result", () => {
  expect(summaryText(ended, null, around)).toBe(
    [
      "sales succeeded",
      "  batch    01K",
      "  items    1,000, all succeeded",
      "  time     1.8 s, 10 chunks",
      "  result   .fanjoin/batches/01K/result.json  812 B",
      "",
      "{",
      '  "us": 12',
      "}",
      "",
    ].join("\n"),
  );
});

test("a batch with hedges says how many there were, and how many of them won", () => {
  const text = summaryText({ ...ended, hedges: { sent: 3, won: 2 } }, null, around);
  expect(text).toContain("  hedges   3 slow chunks run once more, 2 won\n");
});

test("a report that a stack has made is among the files", () => {
  const path = "https://api.example/v1/batches/01K/report";
  expect(summaryText({ ...ended, report: { path } }, null, around)).toContain(`  report   ${path}\n`);
});

const groupOf = (more: Partial<FailureGroup>): FailureGroup => ({
  code: "ITEM_INVALID",
  class: "Error",
  message: "amount: expected a number",
  count: 1,
  advice: "the item has to change, or the job",
  first: [{ source: "sales.csv", index: 41, line: 43, offset: null, attempts: 1 }],
  ...more,
});

test("no text of a summary reaches the terminal with control characters", () => {
  const bad = "x\u001b[2J\u202e\nforged";
  const items = { total: 3, succeeded: 2, failed: 1, skipped: 0 };
  const place = { source: bad, index: 0, line: 1, offset: 0, attempts: 1 };
  const failed = groupOf({
    code: bad as never,
    class: bad,
    message: bad,
    advice: bad,
    at: bad,
    first: [place],
  });
  const text = summaryText(
    {
      ...ended,
      batch: bad,
      job: bad,
      items,
      result: { path: bad, bytes: 1, value: bad },
      outputs: { path: bad, bytes: 1 },
      failed: { path: bad },
      error: { code: bad as never, message: bad },
    },
    { groups: [failed], others: 0, partial: false },
    around,
  );
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  expect(text).not.toMatch(/[\u001b\u202e]/);
  // Only the message of the batch's error may have more than one line.
  expect(text.match(/\n +forged/g)).toHaveLength(1);
});

test("the groups of failed items come after the files, before the result", () => {
  const items = { total: 1000, succeeded: 996, failed: 4, skipped: 0 };
  const failed = { path: "/elsewhere/failed.jsonl" };
  const text = summaryText(
    { ...ended, state: "completed-with-failures", items, failed },
    { groups: [groupOf({ count: 4 })], others: 0, partial: false },
    around,
  );
  expect(text).toContain("  items    1,000: 996 succeeded, 4 failed\n");
  expect(text).toContain(
    [
      "  failed   /elsewhere/failed.jsonl",
      "",
      "  4  amount: expected a number",
      "     ITEM_INVALID, sales.csv:43 and 3 others; the item has",
      "     to change, or the job",
      "",
      "{",
    ].join("\n"),
  );
});

test("a long result is cut after some lines", () => {
  const value = Array.from({ length: 50 }, (_, n) => n);
  const text = summaryText({ ...ended, result: { path: "/r", bytes: 1, value } }, null, around);
  expect(text).toContain("\n[\n  0,\n");
  expect(text).toMatch(/\n {2}18,\n… \d+ more lines, in the file above\n$/);
});

test("a cancelled batch shows the reason and the skipped chunks", () => {
  const text = summaryText(
    {
      ...ended,
      state: "cancelled",
      items: { total: null, succeeded: 10, failed: 0, skipped: null },
      chunks: { total: 10, settled: 4, skipped: 6 },
      error: { code: "CANCELLED", message: "the batch was cancelled" },
    },
    null,
    around,
  );
  expect(text).toContain("sales cancelled\n  batch    01K\n  reason   the batch was cancelled [CANCELLED]\n");
  expect(text).toContain("  items    10 succeeded\n  time     1.8 s, 4 of 10 chunks\n");
});

test("the facts break between words on a narrow terminal, below where they began", () => {
  const message = "the deadline of 15 minutes has passed, and so the batch was ended early";
  const text = summaryText(
    {
      ...ended,
      state: "failed",
      maxItems: 1_000,
      items: { total: 1_000, succeeded: 990, failed: 10, skipped: 0 },
      error: { code: "DEADLINE_EXCEEDED", message },
      result: { path: "/elsewhere/a/long/path/of/many/folders/result.json", bytes: 812 },
    },
    null,
    { ...around, columns: 40 },
  );
  expect(text).toBe(
    [
      "sales failed",
      "  batch    01K",
      "  reason   the deadline of 15 minutes",
      "           has passed, and so the batch",
      "           was ended early",
      "           [DEADLINE_EXCEEDED]",
      "  see      docs/options.md (How a batch",
      "           ends)",
      "  items    1,000: 990 succeeded, 10",
      "           failed",
      "  limit    only the first 1,000 items of",
      "           the input, as asked for: the",
      "           rest was left out",
      "  time     1.8 s, 10 chunks",
      "  result   /elsewhere/a/long/path/of/many/folders/result.json",
      "           812 B",
      "",
    ].join("\n"),
  );
});

test("the facts of a summary in a file are lines of any length", () => {
  const error = { code: "INPUT_INVALID", message: "x ".repeat(300) } as const;
  const text = summaryText({ ...ended, error }, null, { ...around, columns: null });
  expect(text).toContain(`  reason   ${error.message} [INPUT_INVALID]\n`);
});

test("a limit is said, but for an input that turned out to have fewer items", () => {
  const limitOf = (summary: Partial<BatchSummary>): string | undefined =>
    /^ {2}limit +(.*)$/m.exec(summaryText({ ...ended, ...summary }, null, { ...around, columns: null }))?.[1];
  expect(limitOf({ maxItems: 1_000 })).toBe(
    "only the first 1,000 items of the input, as asked for: the rest was left out",
  );
  const items = { ...ended.items, total: null };
  expect(limitOf({ maxItems: 1, items, endedAt: null })).toBe(
    "only the first 1 item of the input, as asked for",
  );
  expect(limitOf({ maxItems: 1_001 })).toBeUndefined();
  expect(limitOf({})).toBeUndefined();
});

test("a batch that did not run all of its input says so, and how to run the rest", () => {
  const left = "  left     a part of the input was not run; a redrive runs it\n";
  const cancelled = { ...ended, state: "cancelled", incomplete: true } as const;
  expect(summaryText(cancelled, null, { ...around, columns: 70 })).toContain(left);
  expect(summaryText(ended, null, around)).not.toContain("left");
});

test("a batch that is being planned shows its planned chunks", () => {
  const running: BatchSummary = {
    ...ended,
    state: "planning",
    items: { total: null, succeeded: 5, failed: 0, skipped: null },
    chunks: { total: null, settled: 2, skipped: 0 },
    planned: { chunks: 12 },
    endedAt: null,
    seconds: null,
    result: null,
  };
  expect(summaryText(running, null, around)).toContain("  chunks   2 of 12 planned so far\n");
});

test("numbers are short", () => {
  expect([0, 999, 1000, 9949, 9950, 123_456, 999_499, 999_500, 5e9, 7e15].map(bytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "9.9 kB",
    "10 kB",
    "123 kB",
    "999 kB",
    "1.0 MB",
    "5.0 GB",
    "7000 TB",
  ]);
  expect([0, 0.049, 0.4, 9.94, 12.2, 59.6, 125, 3599, 3600, 12_000].map(duration)).toEqual([
    "0 ms",
    "49 ms",
    "0.4 s",
    "9.9 s",
    "12 s",
    "1 min 00 s",
    "2 min 05 s",
    "59 min 59 s",
    "1 h 00 min",
    "3 h 20 min",
  ]);
  expect([0.25, 9.96, 1234.4].map(rate)).toEqual(["0.3/s", "10.0/s", "1,234/s"]);
  expect([counted(1, "item"), counted(2000, "item")]).toEqual(["1 item", "2,000 items"]);
});
