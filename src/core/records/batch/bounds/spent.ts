/** What the functions of a stack have spent on a batch, as whole numbers that records add up. */
import { AWS_PRICES } from "../../../stack/prices.ts";

/** Absent: nothing. */
export interface Spent {
  /** Memory times billed time: megabyte-seconds. */
  readonly mbs?: number;
  /** Requests and units at their prices, in billionths of a dollar. */
  readonly fees?: number;
}

/** In dollars. */
export interface Cost {
  readonly usd: number;
  /** `compute`: the time of functions. `requests`: all requests and units. */
  readonly parts: { readonly compute: number; readonly requests: number };
}

const MB_PER_GB = 1024;
const NANO = 1e-9;

/** `null`: nothing was counted, as on one machine. */
export function costOf(...spent: readonly Spent[]): Cost | null {
  const sum = (name: keyof Spent): number => spent.reduce((all, one) => all + (one[name] ?? 0), 0);
  const [mbs, fees] = [sum("mbs"), sum("fees")];
  if (mbs === 0 && fees === 0) return null;
  const compute = (mbs / MB_PER_GB) * AWS_PRICES.lambdaGbSecond;
  const requests = fees * NANO;
  return {
    usd: rounded(compute + requests),
    parts: { compute: rounded(compute), requests: rounded(requests) },
  };
}

/** To a millionth of a dollar: a finer number would claim to be exact. */
function rounded(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}
