/**
 * What functions write of the history of a batch on AWS: sums by interval, which add up in any order. The
 * intervals become wider with time, so to add to them needs no knowledge of those before.
 *
 * A whole leaf is a hundred chunks, so one write for it is a hundredth of a write unit for each. A batch of
 * few chunks has one leaf, in whose record there is room: the settles of its chunks bring their sums along.
 */
import type { Fields, Update } from "../records/record.ts";
import { itemsDone } from "../records/totals.ts";
import { nodeKey } from "../records/tree.ts";
import { BUCKETS } from "./latency.ts";
import type { LatencyCounts } from "./latency.ts";

/** Interval i of the first `first` ones covers i × `ms` on; each doubling of the time has half as many. */
interface Scale {
  readonly ms: number;
  readonly first: number;
}

/** Of whole leaves. */
export const LEAVES: Scale = { ms: 5000, first: 64 };
/** Of the chunks of a small batch. */
export const CHUNKS: Scale = { ms: 1000, first: 8 };

/** Intervals in one record, which fits into one write unit of 1 KB. */
const PER_RECORD = 8;

/**
 * Half as many as a leaf may have: then there is room for the history in its write unit
 * (`test/core/history/leaf-sums.test.ts`).
 */
export const SMALL_CHUNKS = 50;

export interface LeafTime {
  readonly batch: string;
  readonly generation: number;
  /** Since the batch, or its newest redrive, began. */
  readonly elapsedMs: number;
}

/** What some chunks count in a history. */
export interface Settled {
  readonly chunks: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Of work. */
  readonly ms: number;
}

/** Times of items, and how many of them were measured one by one. */
export interface Times extends LatencyCounts {
  readonly single: number;
}

export function historyKey(batch: string, generation: number, record: number): string {
  return `history/${batch}/${generation}/${record}`;
}

/** The number of the interval that a time falls into. */
export function intervalAt({ ms, first }: Scale, elapsedMs: number): number {
  const interval = Math.floor(Math.max(0, elapsedMs) / ms);
  if (interval < first) return interval;
  const doubling = Math.floor(Math.log2(interval / first));
  const within = Math.floor(((interval / first / 2 ** doubling - 1) * first) / 2);
  return first + (doubling * first) / 2 + within;
}

/** When an interval begins. */
export function intervalStart({ ms, first }: Scale, interval: number): number {
  if (interval < first) return interval * ms;
  const perDoubling = first / 2;
  const doubling = Math.floor((interval - first) / perDoubling);
  const within = (interval - first) % perDoubling;
  return first * ms * 2 ** doubling * (1 + within / perDoubling);
}

/** Adds a leaf that is full now. `seconds`: the sum that `noteTime` has made in its record. */
export function addLeaf(
  { batch, generation, elapsedMs }: LeafTime,
  { chunks, ms, ...items }: Settled,
  { seconds, times }: { readonly seconds: number; readonly times: Times | null },
): Update {
  const interval = intervalAt(LEAVES, elapsedMs);
  const { done, failed } = doneIn(items);
  return {
    key: historyKey(batch, generation, Math.floor(interval / PER_RECORD)),
    when: [],
    set: {},
    add: {
      [`c${interval}`]: chunks,
      [`d${interval}`]: done,
      [`f${interval}`]: failed,
      [`m${interval}`]: Math.round(ms),
      [`s${interval}`]: seconds,
      [`e${interval}`]: inSeconds(elapsedMs) * chunks,
      ...timeFields(times),
    },
  };
}

/** No child of a leaf has a name of capital letters. */
const SECONDS = "T";
const SINGLE = "N";
const BUCKET = "L";

/** For the settle of a leaf: when its chunks were settled, on average. Five bytes of its record. */
export function noteTime(chunks: number, elapsedMs: number): Update["add"] {
  return { [SECONDS]: inSeconds(elapsedMs) * chunks };
}

function inSeconds(ms: number): number {
  return Math.round(Math.max(0, ms) / 1000);
}

export function secondsOf(leaf: Fields): number {
  return Number(leaf[SECONDS] ?? 0);
}

/** For the settle of chunks of a small batch. */
export function noteSums(
  elapsedMs: number,
  { ms, ...items }: Omit<Settled, "chunks">,
  times: Times | null,
): Update["add"] {
  const interval = intervalAt(CHUNKS, elapsedMs);
  const { done, failed } = doneIn(items);
  return {
    [`D${interval}`]: done,
    ...(failed === 0 ? {} : { [`F${interval}`]: failed }),
    [`M${interval}`]: Math.round(ms),
    ...timeFields(times),
  };
}

/** In a redrive totals are differences. */
export function doneIn(items: Pick<Settled, "succeeded" | "failed">): {
  readonly done: number;
  readonly failed: number;
} {
  return { done: itemsDone(items), failed: Math.max(0, items.failed) };
}

function timeFields(times: Times | null): Update["add"] {
  const fields: { [name: string]: number } = {};
  const { counts = [], single = 0 } = times ?? {};
  for (let place = 0; place < counts.length; place += 2)
    fields[`${BUCKET}${counts[place] ?? 0}`] = counts[place + 1] ?? 0;
  return single === 0 ? fields : { ...fields, [SINGLE]: single };
}

/** The times in a record, without the longest one: sums do not tell it. */
export function timesIn(record: Fields): Omit<Times, "max"> {
  const counts: number[] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const items = Number(record[`${BUCKET}${bucket}`] ?? 0);
    if (items > 0) counts.push(bucket, items);
  }
  return { counts, single: Number(record[SINGLE] ?? 0) };
}

/** The keys of all records of a batch that has worked for so long. */
export function historyKeys({ batch, generation, elapsedMs }: LeafTime): readonly string[] {
  const records = Math.floor(intervalAt(LEAVES, elapsedMs) / PER_RECORD) + 1;
  return Array.from({ length: records }, (_, record) => historyKey(batch, generation, record));
}

/** The key of the only leaf of a small batch. */
export function onlyLeafKey(batch: string, generation: number): string {
  return nodeKey({ batch, generation, level: 0, index: 0 });
}

export function isSmall(chunks: unknown): boolean {
  return typeof chunks === "number" && chunks <= SMALL_CHUNKS;
}
