/**
 * The history of a batch on AWS: sums of whole leaves by interval. A leaf is a hundred chunks, so that it
 * costs a hundredth of a write unit for each. The intervals become wider with time: to add a leaf needs no
 * knowledge of those before.
 */
import type { Fields, Update } from "../records/record.ts";
import type { Totals } from "../records/totals.ts";
import { MAX_POINTS } from "./history.ts";
import type { BatchHistory } from "./history.ts";

/** The first intervals are this wide, and so many. */
const FIRST_MS = 5000;
const FIRST_COUNT = 64;
/** Then each doubling of the time has so many. */
const PER_DOUBLING = FIRST_COUNT / 2;
/** Intervals in one record, which fits into one write unit of 1 KB. */
const PER_RECORD = 8;

export interface LeafTime {
  readonly batch: string;
  readonly generation: number;
  /** Since the batch, or its newest redrive, began. */
  readonly elapsedMs: number;
}

export function historyKey(batch: string, generation: number, record: number): string {
  return `history/${batch}/${generation}/${record}`;
}

/** The number of the interval that a time falls into. */
export function intervalAt(elapsedMs: number): number {
  const first = Math.floor(Math.max(0, elapsedMs) / FIRST_MS);
  if (first < FIRST_COUNT) return first;
  const doubling = Math.floor(Math.log2(first / FIRST_COUNT));
  const within = Math.floor((first / FIRST_COUNT / 2 ** doubling - 1) * PER_DOUBLING);
  return FIRST_COUNT + doubling * PER_DOUBLING + within;
}

/** When an interval begins. */
export function intervalStart(interval: number): number {
  if (interval < FIRST_COUNT) return interval * FIRST_MS;
  const doubling = Math.floor((interval - FIRST_COUNT) / PER_DOUBLING);
  const within = (interval - FIRST_COUNT) % PER_DOUBLING;
  return FIRST_COUNT * FIRST_MS * 2 ** doubling * (1 + within / PER_DOUBLING);
}

/** Adds a leaf that was settled at this time. */
export function addLeaf(
  { batch, generation, elapsedMs }: LeafTime,
  { chunks, succeeded, failed, ms }: Pick<Totals, "chunks" | "succeeded" | "failed" | "ms">,
): Update {
  const interval = intervalAt(elapsedMs);
  return {
    key: historyKey(batch, generation, Math.floor(interval / PER_RECORD)),
    when: [],
    set: {},
    add: {
      [`c${interval}`]: chunks,
      [`d${interval}`]: Math.max(0, succeeded, succeeded + failed),
      [`f${interval}`]: Math.max(0, failed),
      [`m${interval}`]: Math.round(ms),
    },
  };
}

/** The keys of all records of a batch that has worked for so long. */
export function historyKeys({ batch, generation, elapsedMs }: LeafTime): readonly string[] {
  const records = Math.floor(intervalAt(elapsedMs) / PER_RECORD) + 1;
  return Array.from({ length: records }, (_, record) => historyKey(batch, generation, record));
}

/** `null`: no leaf was settled yet. */
export function leafHistory(
  records: readonly (Fields | null)[],
  start: number,
  elapsedMs: number,
): BatchHistory | null {
  const sums = new Map(records.flatMap((record) => Object.entries(record ?? {})));
  const sum = (name: string, interval: number): number => Number(sums.get(`${name}${interval}`) ?? 0);
  const last = intervalAt(elapsedMs);
  const settled = Array.from({ length: last + 1 }, (_, interval) => sum("c", interval)).reduce(add, 0);
  if (settled === 0) return null;
  const interval = widthFor(elapsedMs);
  const points = Math.floor(elapsedMs / interval) + 1;
  const [done, failed, ms] = ["d", "f", "m"].map(() => Array.from({ length: points }, () => 0));
  for (let one = 0; one <= last; one++) {
    // The widest interval is as wide as a point; a leaf counts where its interval begins.
    const place = Math.min(points - 1, Math.floor(intervalStart(one) / interval));
    for (const [to, name] of [
      [done, "d"],
      [failed, "f"],
      [ms, "m"],
    ] as const)
      if (to) to[place] = (to[place] ?? 0) + sum(name, one);
  }
  return {
    start,
    now: elapsedMs,
    interval,
    points: {
      done: done ?? [],
      failed: failed ?? [],
      inFlight: (ms ?? []).map((busy) => Math.round((busy / interval) * 10) / 10),
    },
    allowed: null,
    latency: null,
    counts: { settled, running: null, triedAgain: 0, hedged: 0, split: 0, merges: 0 },
    timeline: null,
  };
}

function add(a: number, b: number): number {
  return a + b;
}

/** As wide as the widest interval so far. */
function widthFor(elapsedMs: number): number {
  let width = FIRST_MS;
  while (elapsedMs / width >= FIRST_COUNT || elapsedMs / width >= MAX_POINTS) width *= 2;
  return width;
}
