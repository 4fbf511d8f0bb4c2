/** Estimates what a batch would cost on AWS from a sample of its items that was run. */
import { AWS_PRICES, PER_CHUNK, PRICES_DATE } from "../core/stack/prices.ts";
import type { Cost } from "../core/records/batch/bounds/spent.ts";
import type { Totals } from "../core/records/totals.ts";
import { sizeOf } from "./sources.ts";
import type { BatchSpec } from "./spec.ts";

/** What a batch would cost on AWS, from a sample of its items that was run here. */
export interface Estimate {
  readonly job: string;
  readonly estimate: true;
  /** The sample that was run. */
  readonly sample: { readonly items: number; readonly failed: number; readonly seconds: number };
  /** `null`: how large the input is shows only when all of it is read, so the estimate is of the sample. */
  readonly items: number | null;
  readonly chunks: number;
  /** The time of functions, with `memoryMb` each. */
  readonly gbSeconds: number;
  readonly memoryMb: number;
  readonly cost: Cost;
  readonly pricesOf: string;
}

/** A chunk of learned size takes about so long. */
const CHUNK_MS = 1000;
const DEFAULT_MEMORY_MB = 1024;

/** `totals`: of the sample. `spec`: of the sample, too. */
export function estimateOf(
  { job, input, chunk }: BatchSpec,
  totals: Totals,
  memoryMb = DEFAULT_MEMORY_MB,
): Estimate {
  const tried = totals.succeeded + totals.failed;
  const { maxItems, ...whole } = input;
  const all = maxItems !== undefined && tried < maxItems ? totals.units : sizeOf(whole);
  const times = all === null || totals.units === 0 ? 1 : Math.max(1, all / totals.units);
  const items = Math.round(tried * times);
  const ms = totals.ms * times;
  const bySize = [
    ...(chunk.items === null ? [] : [items / chunk.items]),
    ...(chunk.bytes === null || all === null ? [] : [all / chunk.bytes]),
  ];
  const chunks = Math.max(1, Math.ceil(bySize.length > 0 ? Math.max(...bySize) : ms / CHUNK_MS));
  const gbSeconds = (ms / 1000) * (memoryMb / 1024);
  const compute = gbSeconds * AWS_PRICES.lambdaGbSecond;
  const requests = chunks * usdPerChunk();
  return {
    job,
    estimate: true,
    sample: { items: tried, failed: totals.failed, seconds: totals.ms / 1000 },
    items: all === null ? null : items,
    chunks,
    gbSeconds: rounded(gbSeconds, 3),
    memoryMb,
    cost: {
      usd: rounded(compute + requests, 6),
      parts: { compute: rounded(compute, 6), requests: rounded(requests, 6) },
    },
    pricesOf: PRICES_DATE,
  };
}

function usdPerChunk(): number {
  return (
    PER_CHUNK.writeUnits * AWS_PRICES.dynamoWrite +
    PER_CHUNK.readUnits * AWS_PRICES.dynamoRead +
    PER_CHUNK.sqsRequests * AWS_PRICES.sqsRequest +
    PER_CHUNK.invocations * AWS_PRICES.lambdaRequest +
    PER_CHUNK.s3Gets * AWS_PRICES.s3Get
  );
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
