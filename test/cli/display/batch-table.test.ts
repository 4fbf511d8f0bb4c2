import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { shortLength, shortState, terminalTable, wholeTable } from "../../../src/cli/display/batch-table.ts";
import { plain } from "../../../src/cli/display/progress/progress-line.ts";

const NOW = Date.parse("2026-11-29T12:00:00.000Z");

function summary(changes: Partial<BatchSummary> = {}): BatchSummary {
  return {
    batch: "01M8MC7X2D2R0DSMW117SZTM8Q",
    job: "sales-by-country",
    state: "succeeded",
    items: { total: 1_234_567, succeeded: 1_234_567, failed: 0, skipped: 0 },
    chunks: { total: 10, settled: 10, skipped: 0 },
    damaged: 0,
    createdAt: "2026-11-29T11:57:00.000Z",
    endedAt: "2026-11-29T11:58:00.000Z",
    seconds: 60,
    result: null,
    outputs: null,
    failed: null,
    error: null,
    ...changes,
  };
}

const BATCHES = [
  summary({
    batch: "01M8MC8NSKXA75WCM31805P042",
    state: "running",
    endedAt: null,
    createdAt: "2026-11-29T11:59:58.000Z",
    items: { total: null, succeeded: 400, failed: 20, skipped: null },
    progress: { units: 42, of: 100, failedBefore: null },
  }),
  summary({
    batch: "01M8MC8N4X6S0GJK3NTQ1EMARG",
    job: "a-job-with-a-very-long-name-that-nobody-would-type",
    state: "completed-with-failures",
    items: { total: 5, succeeded: 3, failed: 2, skipped: 0 },
  }),
  summary(),
];

const tableAt = (columns: number, batches = BATCHES, others: readonly string[] = []): string[] =>
  terminalTable(batches, { columns, now: NOW, paint: plain, others }).split("\n");

test("at 80 columns everything is there, on lines that fit", () => {
  expect(tableAt(80)).toEqual([
    "batch      job                        state             items  failed  started",
    "01M8MC8NS  sales-by-country           running 42 %        420      20  2 s ago",
    "01M8MC8N4  a-job-with-a-very-long-n…  some failed           5       2  3 min ago",
    "01M8MC7X2  sales-by-country           succeeded     1,234,567          3 min ago",
  ]);
});

test("at 40 columns ids, names, states and times are left", () => {
  expect(tableAt(40)).toEqual([
    "batch      job       state         ago",
    "01M8MC8NS  sales-b…  running 42 %  2 s",
    "01M8MC8N4  a-job-w…  some failed   3 min",
    "01M8MC7X2  sales-b…  succeeded     3 min",
  ]);
});

test("no line is longer than the terminal, however narrow it is and whatever the batches are", () => {
  const state = fc.constantFrom<BatchSummary["state"]>(
    "planning",
    "running",
    "interrupted",
    "cancelling",
    "succeeded",
    "completed-with-failures",
    "failed",
    "cancelled",
  );
  const batch = fc.record({
    batch: fc.stringMatching(/^01[0-9A-HJKMNP-TV-Z]{24}$/),
    job: fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/),
    state,
    total: fc.nat(),
    failed: fc.nat(),
  });
  fc.assert(
    fc.property(
      fc.array(batch, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 20, max: 200 }),
      (all, columns) => {
        const batches = all.map(({ total, failed, ...rest }) =>
          summary({ ...rest, items: { total, succeeded: 0, failed, skipped: 0 } }),
        );
        for (const line of tableAt(columns, batches)) expect(line.length).toBeLessThanOrEqual(columns);
      },
    ),
  );
});

test("short ids are unambiguous among all that are known, and begin no other one", () => {
  const id = fc.stringMatching(/^01M8M[0-9A-C]{8}$/);
  fc.assert(
    fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 20 }), (ids) => {
      const length = shortLength(ids);
      expect(new Set(ids.map((one) => one.slice(0, length))).size).toBe(ids.length);
      expect(length).toBeGreaterThanOrEqual(6);
    }),
  );
  const [, row = ""] = tableAt(80, [summary()], ["01M8MC7X2D2R0DSMXXXXXXXXXX"]);
  expect(row).toMatch(/^01M8MC7X2D2R0DSMW {2}/);
});

test("a batch that runs says how far it is, where that is known", () => {
  const at = (state: BatchSummary["state"], of: number | null, units = 99.9): string =>
    shortState({ state, progress: { units, of, failedBefore: null } });
  expect(at("planning", 100)).toBe("running 99 %");
  expect(at("interrupted", 100, 1)).toBe("interrupted");
  expect(at("running", null)).toBe("running");
  expect(at("running", 0)).toBe("running");
  expect(at("running", 10, 11)).toBe("running 100 %");
});

test("a file or a pipe gets whole ids, states and times, in columns that do not change", () => {
  expect(wholeTable(BATCHES).split("\n")).toEqual([
    "batch                       job                                                 state                        items  failed  created",
    "01M8MC8NSKXA75WCM31805P042  sales-by-country                                    running                        420      20  2026-11-29 11:59:58Z",
    "01M8MC8N4X6S0GJK3NTQ1EMARG  a-job-with-a-very-long-name-that-nobody-would-type  completed-with-failures          5       2  2026-11-29 11:57:00Z",
    "01M8MC7X2D2R0DSMW117SZTM8Q  sales-by-country                                    succeeded                1,234,567       0  2026-11-29 11:57:00Z",
  ]);
});

test("control characters of a foreign directory are shown as escapes", () => {
  const batches = [summary({ job: "x\u001b[2J" })];
  expect(tableAt(120, batches)[1]).toContain("x\\u001b[2J");
  expect(wholeTable(batches)).toContain("x\\u001b[2J");
});
