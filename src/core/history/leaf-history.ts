/**
 * The history of a batch on AWS, from what its functions have written. It tells when sums were made of which
 * chunks, so between two sums it is their mean.
 */
import type { Fields } from "../records/record.ts";
import { BUCKETS, LatencySketch, endOf } from "./latency.ts";
import { CHUNKS, LEAVES, doneIn, intervalAt, intervalStart, timesIn } from "./leaf-sums.ts";
import type { Settled } from "./leaf-sums.ts";
import type { BatchHistory, Latency } from "./history.ts";

/** Points are as wide as is needed for so few of them. */
const FEW_POINTS = 64;
const FIRST_MS = 1000;
/** Times are in whole seconds. */
const LEAST_SPAN_MS = 1000;

export interface LeafRecords {
  /** The records of whole leaves. */
  readonly sums: readonly (Fields | null)[];
  /** The only leaf of a small batch. */
  readonly leaf: Fields | null;
}

export interface LeafSpan {
  readonly start: number;
  readonly elapsedMs: number;
}

/** Chunks that were settled between two times, evenly as far as is known. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly chunks: number;
  readonly done: number;
  readonly failed: number;
  /** `null`: not known. */
  readonly ms: number | null;
}

/**
 * `settled`: all that is settled, also of leaves that are not full, of which nothing is written. `null`:
 * nothing is.
 */
export function leafHistory(
  { sums, leaf }: LeafRecords,
  settled: Omit<Settled, "ms">,
  { start, elapsedMs }: LeafSpan,
): BatchHistory | null {
  const written = [...leafPieces(sums, elapsedMs), ...chunkPieces(leaf, elapsedMs)];
  // A batch is known to be small once it is planned: before, its chunks bring nothing along.
  const before = leaf === null ? null : Math.min(elapsedMs, ...written.map(({ from }) => from));
  const pieces = [...written, ...unwritten(written, settled, { elapsedMs, before })];
  if (pieces.length === 0) return null;
  const interval = widthFor(elapsedMs);
  const pointsOf = (amount: (piece: Piece) => number): number[] => spread(pieces, amount, elapsedMs);
  return {
    start,
    now: elapsedMs,
    interval,
    points: {
      done: inWholes(pointsOf(({ done }) => done)),
      failed: inWholes(pointsOf(({ failed }) => failed)),
      inFlight: pieces.some(({ ms }) => ms !== null)
        ? pointsOf(({ ms }) => ms ?? 0).map((ms, at) => workers(ms, elapsedMs - at * interval, interval))
        : pointsOf(() => 0).map(() => null),
    },
    allowed: null,
    latency: latencyOf([...sums, leaf]),
    counts: {
      settled: Math.max(
        settled.chunks,
        sumOf(written, ({ chunks }) => chunks),
      ),
      running: null,
      triedAgain: 0,
      hedged: 0,
      split: 0,
      merges: 0,
    },
    timeline: null,
  };
}

/** Each interval has the leaves that became full in it, and when their chunks were settled on average. */
function leafPieces(records: readonly (Fields | null)[], elapsedMs: number): Piece[] {
  const sums = new Map(records.flatMap((record) => Object.entries(record ?? {})));
  const last = intervalAt(LEAVES, elapsedMs);
  return Array.from({ length: last + 1 }, (_, interval): Piece => {
    const sum = (name: string): number => Number(sums.get(`${name}${interval}`) ?? 0);
    const chunks = sum("c");
    const span = chunks === 0 || !sums.has(`e${interval}`) ? intervalOf(interval) : spanOf(sum, chunks);
    const from = Math.min(elapsedMs, Math.max(0, span.from));
    const to = Math.min(elapsedMs, Math.max(from, span.to));
    return { from, to, chunks, done: sum("d"), failed: sum("f"), ms: sum("m") };
  }).filter(({ chunks }) => chunks > 0);
}

type Span = Pick<Piece, "from" | "to">;

/** An older fanjoin has written no times. */
function intervalOf(interval: number): Span {
  return { from: intervalStart(LEAVES, interval), to: intervalStart(LEAVES, interval + 1) };
}

/** As long before the mean as after it. */
function spanOf(sum: (name: string) => number, chunks: number): Span {
  const [mean, to] = [sum("s"), sum("e")].map((seconds) => (seconds * 1000) / chunks) as [number, number];
  return { from: Math.min(2 * mean - to, to - LEAST_SPAN_MS), to };
}

function chunkPieces(leaf: Fields | null, elapsedMs: number): Piece[] {
  if (leaf === null) return [];
  return Array.from({ length: intervalAt(CHUNKS, elapsedMs) + 1 }, (_, interval): Piece => {
    const sum = (name: string): number => Number(leaf[`${name}${interval}`] ?? 0);
    const from = intervalStart(CHUNKS, interval);
    const to = Math.min(elapsedMs, intervalStart(CHUNKS, interval + 1));
    // A chunk that was given up has done nothing, and its work counts.
    return { from, to, chunks: 0, done: sum("D"), failed: sum("F"), ms: sum("M") };
  }).filter(({ done, ms }) => done > 0 || (ms ?? 0) > 0);
}

/** The chunks that are settled besides: for as long as that takes at the usual rate, or up to `before`. */
function unwritten(
  pieces: readonly Piece[],
  { chunks, ...items }: Omit<Settled, "ms">,
  { elapsedMs, before }: { readonly elapsedMs: number; readonly before: number | null },
): Piece[] {
  const { done, failed } = doneIn(items);
  const [writtenDone, writtenMs] = [sumOf(pieces, (one) => one.done), sumOf(pieces, (one) => one.ms ?? 0)];
  const rest = {
    chunks: Math.max(0, chunks - sumOf(pieces, (one) => one.chunks)),
    done: Math.max(0, done - writtenDone),
    failed: Math.max(0, failed - sumOf(pieces, (one) => one.failed)),
  };
  if (rest.done === 0 && (rest.chunks === 0 || pieces.length > 0)) return [];
  const since = pieces.length === 0 ? 0 : beganAt(pieces, rest.chunks, elapsedMs);
  const ms = writtenDone === 0 ? null : (rest.done * writtenMs) / writtenDone;
  return [{ ...rest, from: before === null ? since : 0, to: before ?? elapsedMs, ms }];
}

/** No later than the last piece ended. */
function beganAt(pieces: readonly Piece[], chunks: number, elapsedMs: number): number {
  const last = Math.max(...pieces.map(({ to }) => to));
  const workedMs = last - Math.min(...pieces.map(({ from }) => from));
  const written = sumOf(pieces, (one) => one.chunks);
  const takesMs = written === 0 ? 0 : (workedMs * chunks) / written;
  return Math.max(0, Math.min(last, elapsedMs - takesMs));
}

/** An amount of each piece, evenly over its time, in points. */
function spread(pieces: readonly Piece[], amount: (piece: Piece) => number, elapsedMs: number): number[] {
  const width = widthFor(elapsedMs);
  const points = Array.from({ length: Math.max(1, Math.ceil(elapsedMs / width)) }, () => 0);
  for (const piece of pieces) {
    const { from, to } = piece;
    const last = Math.min(points.length - 1, Math.floor(to / width));
    const first = Math.min(last, Math.floor(from / width));
    for (let at = first; at <= last; at++) {
      const within = Math.min(to, (at + 1) * width) - Math.max(from, at * width);
      const share = to > from ? within / (to - from) : at === last ? 1 : 0;
      points[at] = (points[at] ?? 0) + amount(piece) * share;
    }
  }
  return points;
}

/** The same sum in whole numbers. */
function inWholes(points: readonly number[]): number[] {
  let sum = 0;
  let told = 0;
  return points.map((point) => {
    sum += point;
    const whole = Math.round(sum) - told;
    told += whole;
    return whole;
  });
}

/** The mean of a point, of which `leftMs` are over. */
function workers(ms: number, leftMs: number, interval: number): number {
  return Math.round((ms / Math.max(1, Math.min(interval, leftMs))) * 10) / 10;
}

/** Of the items whose times were written. The longest one is as long as its bucket. */
function latencyOf(records: readonly (Fields | null)[]): Latency | null {
  const sketch = new LatencySketch();
  let single = 0;
  for (const record of records) {
    const { counts, single: more } = timesIn(record ?? {});
    const last = counts.at(-2);
    sketch.absorb({ counts, max: last === undefined ? 0 : endOf(Math.min(BUCKETS - 1, last)) });
    single += more;
  }
  return sketch.latency(single * 2 >= sketch.count && single > 0 ? "item" : "chunk");
}

function widthFor(elapsedMs: number): number {
  let width = FIRST_MS;
  while (elapsedMs / width >= FEW_POINTS) width *= 2;
  return width;
}

function sumOf(pieces: readonly Piece[], amount: (piece: Piece) => number): number {
  return pieces.reduce((sum, piece) => sum + amount(piece), 0);
}
