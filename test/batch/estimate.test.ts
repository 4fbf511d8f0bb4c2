import { expect, test } from "vitest";
import { estimateOf } from "../../src/batch/estimate.ts";
import type { BatchSpec } from "../../src/batch/spec.ts";
import { AWS_PRICES } from "../../src/core/stack/prices.ts";
import { NO_TOTALS } from "../../src/core/records/totals.ts";

function spec(size: number, maxItems = 1000, chunk: Partial<BatchSpec["chunk"]> = {}): BatchSpec {
  return {
    batch: "01A",
    job: "sales",
    input: {
      reader: "lines",
      options: {},
      sources: [{ name: "file:///a.txt", label: "a.txt", size, version: "" }],
      maxItems,
    },
    params: null,
    chunk: { items: null, bytes: null, ...chunk },
    tolerate: { count: null, percent: null },
    createdAt: 0,
    deadlineAt: 1,
    jobFile: null,
  };
}

/** A thousand items of 10 bytes and 20 ms each. */
const SAMPLE = { ...NO_TOTALS, chunks: 3, succeeded: 998, failed: 2, units: 10_000, ms: 20_000 };

test("the work of a sample is scaled to the size of the input", () => {
  expect(estimateOf(spec(1_000_000), SAMPLE)).toMatchObject({
    items: 100_000,
    chunks: 2000,
    gbSeconds: 2000,
    memoryMb: 1024,
    sample: { items: 1000, failed: 2, seconds: 20 },
    cost: { parts: { compute: Number((2000 * AWS_PRICES.lambdaGbSecond).toFixed(6)) } },
  });
});

test("a sample that is the whole input is not scaled", () => {
  expect(estimateOf(spec(10_400, 5000), SAMPLE)).toMatchObject({ items: 1000, gbSeconds: 20 });
});

test("a given size of chunks says how many there are", () => {
  expect(estimateOf(spec(1_000_000, 1000, { items: 100 }), SAMPLE).chunks).toBe(1000);
  expect(estimateOf(spec(1_000_000, 1000, { bytes: 100_000 }), SAMPLE).chunks).toBe(10);
});

test("half the memory is half the price of the same time", () => {
  expect(estimateOf(spec(1_000_000), SAMPLE, 512).gbSeconds).toBe(1000);
});

test("an input of unknown size is estimated as its sample", () => {
  const packed = spec(1_000_000);
  const [source] = packed.input.sources;
  if (!source) throw new Error("there is a source");
  const input = { ...packed.input, sources: [{ ...source, label: "a.txt.gz", name: "file:///a.txt.gz" }] };
  expect(estimateOf({ ...packed, input }, SAMPLE)).toMatchObject({ items: null, gbSeconds: 20 });
});
