import { expect, test } from "vitest";
import { bytes, counted, duration, rate } from "../../../src/format.ts";
import { placeOf } from "../../../src/cli/display/failed-sample.ts";
import type { FailedLine } from "../../../src/core/failed-line.ts";
import type { FailedSample } from "../../../src/cli/display/failed-sample.ts";
import { plain } from "../../../src/cli/display/progress-line.ts";
import { summaryText } from "../../../src/cli/display/summary-text.ts";
import type { BatchSummary } from "../../../src/batch/summary.ts";

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

const line = (more: Partial<FailedLine>): FailedLine => ({
  source: "sales.csv",
  index: 41,
  line: 43,
  offset: null,
  chunk: 0,
  attempts: 1,
  code: "ITEM_INVALID",
  error: { name: "Error", message: "amount: expected\n a number" },
  item: null,
  ...more,
});

test("no text of a summary reaches the terminal with control characters", () => {
  const bad = "x\u001b[2J\u202e\nforged";
  const items = { total: 3, succeeded: 2, failed: 1, skipped: 0 };
  const failed = line({ source: bad, code: bad as never, error: { name: bad, message: bad } });
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
    { groups: [{ code: bad, count: 1, first: [failed] }], partial: false },
    around,
  );
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  expect(text).not.toMatch(/[\u001b\u202e]/);
  // Only the message of an error may have more than one line.
  expect(text.match(/\nforged/g)).toHaveLength(1);
});

test("failed items are grouped by code, each with its place on one line", () => {
  const items = { total: 1000, succeeded: 996, failed: 4, skipped: 0 };
  const sample: FailedSample = {
    groups: [
      {
        code: "ITEM_INVALID",
        count: 4,
        first: [line({}), line({ line: null }), line({ line: null, index: null })],
      },
    ],
    partial: false,
  };
  const failed = { path: "/elsewhere/failed.jsonl" };
  const text = summaryText(
    { ...ended, state: "completed-with-failures", items, failed, result: null },
    sample,
    around,
  );
  expect(text).toContain("  items    1,000: 996 succeeded, 4 failed\n");
  expect(text).toContain("  failed   /elsewhere/failed.jsonl\n");
  expect(text).toContain(
    [
      "    ITEM_INVALID 4",
      "      sales.csv:43  amount: expected a number",
      "      sales.csv, item 41  amount: expected a number",
      "      sales.csv, chunk 0  amount: expected a number",
      "      …",
      "",
    ].join("\n"),
  );
});

test("a long message is cut to the width, and a long result after some lines", () => {
  const sample = {
    groups: [
      { code: "ITEM_FAILED", count: 1, first: [line({ error: { name: "E", message: "x".repeat(200) } })] },
    ],
    partial: true,
  };
  const value = Array.from({ length: 50 }, (_, n) => n);
  const text = summaryText({ ...ended, result: { path: "/r", bytes: 1, value } }, sample, around);
  expect(text).toContain("    ITEM_FAILED 1+\n");
  expect(text.split("\n").find((one) => one.includes("xxx"))).toHaveLength(60);
  expect(text).toContain("\n[\n  0,\n");
  expect(text).toMatch(/\n {2}18,\n… \d+ more lines, in the file above\n$/);
});

test("an error is shown with its class, causes and errors, and with its place in the job's code once", () => {
  const stack = ["priceOf (sales.ts:12:5)", "sales.ts:40:7"];
  const cause = {
    name: "AggregateError",
    message: "",
    code: "ECONNREFUSED",
    errors: [
      { name: "Error", message: "connect ECONNREFUSED ::1:9", code: "ECONNREFUSED" },
      { name: "Declined", message: "no\u001b[2J", stack },
    ],
  };
  const of = (error: FailedLine["error"]): FailedLine => line({ error });
  const first = [
    of({ name: "TypeError", message: "fetch failed", stack, cause }),
    of({ name: "Error", message: "no", stack }),
    of({ name: "Error", message: "no", cause: { name: "Error", message: "why", stack: ["\u001b.ts:1:1"] } }),
  ];
  const sample = { groups: [{ code: "ITEM_FAILED", count: 3, first }], partial: false };
  expect(summaryText(ended, sample, { ...around, columns: 200 })).toContain(
    [
      "    ITEM_FAILED 3",
      "      sales.csv:43  TypeError: fetch failed, cause: AggregateError [ECONNREFUSED] (connect ECONNREFUSED ::1:9; Declined: no\\u001b[2J)",
      "      sales.csv:43  no",
      "        at priceOf (sales.ts:12:5)",
      "      sales.csv:43  no, cause: why",
      "        at \\u001b.ts:1:1",
      "",
    ].join("\n"),
  );
});

test("a long message that items share is shown in full once", () => {
  const message = `there is no "country" in the item, only "Country", ${"x".repeat(80)}`;
  const shared = (messages: string[]): string =>
    summaryText(
      ended,
      {
        groups: [
          {
            code: "ITEM_INVALID",
            count: 9,
            first: messages.map((text) => line({ error: { name: "E", message: text } })),
          },
        ],
        partial: false,
      },
      around,
    );
  expect(shared([message, message])).toContain(`…\n      each: E: ${message}\n      …\n`);
  expect(shared([message, `${message}!`])).not.toContain("each:");
  expect(shared([message])).not.toContain("each:");
  expect(shared(["short", "short"])).not.toContain("each:");
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

test("a batch that did not run all of its input says so, and how to run the rest", () => {
  const left = "  left     a part of the input was not run; a redrive runs it\n";
  expect(summaryText({ ...ended, state: "cancelled", incomplete: true }, null, around)).toContain(left);
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
  expect(placeOf(line({}))).toBe("sales.csv:43");
});
