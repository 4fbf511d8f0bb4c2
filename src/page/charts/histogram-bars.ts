/** The bars and labels of a histogram on a log scale. Pure. */
import type { Latency } from "../../core/history/history.ts";
import { shortDuration } from "../words/numbers.ts";

export interface HistogramBar {
  readonly x: number;
  readonly width: number;
  /** From 0 to 1. */
  readonly height: number;
}

export interface HistogramLabel {
  readonly name: string;
  readonly value: string;
  /** Where the value is. */
  readonly at: number;
  /** Where its text ends. */
  readonly end: number;
}

/** More bars would be thinner than their gaps. */
const MAX_BARS = 32;
const GAP = 1.5;
/** Width of a character of 11 px. */
const BOLD = 7.6;
const PLAIN = 6.6;
const BETWEEN = 6;

/** In pixels, for a drawing that is `width` wide. */
export function histogram(
  latency: Latency,
  width: number,
): { readonly bars: readonly HistogramBar[]; readonly labels: readonly HistogramLabel[] } {
  const { buckets, p50, p90, p99, max } = latency;
  const least = Math.max(0.01, Math.min(...buckets.map(([from, to]) => from || to / 2), p50));
  const most = Math.max(least * 1.2, max, ...buckets.map(([, to]) => to));
  const scale = width / Math.log(most / least);
  const x = (ms: number): number =>
    Math.max(0, Math.min(width, Math.log(Math.max(ms, least) / least) * scale));
  const sums = Array.from({ length: MAX_BARS }, () => 0);
  for (const [from, to, count] of buckets) spread(sums, x(from) / width, x(to) / width, count);
  const highest = Math.max(...sums, 1e-9);
  const wide = width / MAX_BARS;
  const bars = sums.flatMap((sum, at) =>
    sum === 0 ? [] : [{ x: at * wide, width: wide - GAP, height: sum / highest }],
  );
  const labels = [
    ["half", p50],
    ["90 %", p90],
    ["99 %", p99],
    ["slowest", max],
  ] as const;
  return {
    bars,
    labels: apart(
      labels.map(([name, ms]) => ({ name, value: shortDuration(ms), at: x(ms) })),
      width,
    ),
  };
}

/** A bucket that covers several bars is shared out among them. */
function spread(sums: number[], from: number, to: number, count: number): void {
  const first = from * sums.length;
  const last = Math.max(to * sums.length, first + 1e-6);
  for (let at = Math.floor(first); at < last && at < sums.length; at++) {
    const share = Math.min(last, at + 1) - Math.max(first, at);
    sums[at] = (sums[at] ?? 0) + (count * share) / (last - first);
  }
  // The largest value of all stands at the very end of the scale.
  if (Math.floor(first) >= sums.length) sums[sums.length - 1] = (sums.at(-1) ?? 0) + count;
}

type Unplaced = Omit<HistogramLabel, "end">;

/** No label covers another one: they are pushed to the right, and back from the end. */
function apart(labels: readonly Unplaced[], width: number): HistogramLabel[] {
  const wide = ({ value, name }: Unplaced): number => Math.max(value.length * BOLD, name.length * PLAIN);
  const placed: HistogramLabel[] = [];
  for (const label of labels) {
    const before = placed.at(-1)?.end;
    placed.push({
      ...label,
      end: Math.max(label.at, wide(label) + (before === undefined ? 0 : before + BETWEEN)),
    });
  }
  let right = width;
  return placed
    .toReversed()
    .map((label) => {
      const end = Math.min(right, label.end);
      right = end - wide(label) - BETWEEN;
      return { ...label, end };
    })
    .toReversed();
}
