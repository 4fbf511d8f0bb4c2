import { expect, test } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { metricsText } from "../../../src/dev/page/metrics.ts";

test("metrics have the rows of batches that work, and how many there are by state", () => {
  const summary = {
    batch: "01A",
    job: 'a"b',
    items: { total: null, succeeded: 5, failed: 2, skipped: 0 },
    chunks: { total: null, settled: 3, skipped: 0 },
    progress: { units: 50, of: 200, failedBefore: null, inFlight: 4, waiting: null, secondsLeft: null },
  } as unknown as BatchSummary;
  const lines = metricsText(
    [summary],
    new Map([
      ["running", 1],
      ["succeeded", 7],
    ]),
  ).split("\n");
  expect(lines).toContain('fanjoin_batches{state="succeeded"} 7');
  expect(lines).toContain(String.raw`fanjoin_batch_items_failed{batch="01A",job="a\"b"} 2`);
  expect(lines).toContain(String.raw`fanjoin_batch_progress_ratio{batch="01A",job="a\"b"} 0.25`);
  expect(lines.some((line) => line.startsWith("fanjoin_batch_items_waiting{"))).toBe(false);
  expect(lines.filter((line) => line.startsWith("# TYPE"))).toHaveLength(8);
  expect(lines.at(-1)).toBe("");
});
