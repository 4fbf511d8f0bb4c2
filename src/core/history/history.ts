/**
 * The history of a batch: what it did when, in a form whose size does not grow with the batch. It is for
 * people to look at; nothing is decided by it. All times are whole milliseconds after `start`.
 */

export interface BatchHistory {
  /** When the batch, or its newest redrive, began, in milliseconds since the epoch. */
  readonly start: number;
  /** How far it reaches: for a batch that has ended, its end. */
  readonly now: number;
  /** The width of a point. */
  readonly interval: number;
  readonly points: HistoryPoints;
  /** How many items may be in `process` at once. `null`: not known. */
  readonly allowed: number | null;
  /** `null`: nothing was measured. */
  readonly latency: Latency | null;
  readonly counts: HistoryCounts;
  /** `null`: no marks by worker are kept (AWS). */
  readonly timeline: Timeline | null;
}

/** Point i covers the time from i × interval up to (i + 1) × interval. At most `MAX_POINTS`. */
export interface HistoryPoints {
  /** Items that succeeded or failed. */
  readonly done: readonly number[];
  readonly failed: readonly number[];
  /** The mean number of items in `process`; on AWS of workers at work. `null`: not known. */
  readonly inFlight: readonly (number | null)[];
}

export const MAX_POINTS = 300;

export interface HistoryCounts {
  readonly settled: number;
  /** `null`: not known. */
  readonly running: number | null;
  readonly triedAgain: number;
  readonly hedged: number;
  readonly split: number;
  readonly merges: number;
}

/** The time of one item in `process`, all of its tries together, in milliseconds. */
export interface Latency {
  /** `chunk`: items were not measured one by one, so each counts with the mean of its chunk. */
  readonly of: "item" | "chunk";
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** On a log scale, in order, without empty ones; at most 64. */
  readonly buckets: readonly (readonly [from: number, to: number, count: number])[];
}

export type MarkKind =
  | "succeeded"
  /** Settled, with at least one failed item. */
  | "failed"
  /** Given up as a whole. */
  | "broken"
  | "running"
  /** An attempt that did not settle, e.g. because its thread died. */
  | "lost"
  | "merge";

/** In the flags of a mark. */
export const TRIED_AGAIN = 1;
export const HEDGED = 2;
/** A part of a chunk that was cut. */
export const SPLIT = 4;

/** One attempt at a chunk, or a merge. */
export type Mark = readonly [
  lane: number,
  from: number,
  /** `null`: it runs. */
  to: number | null,
  kind: MarkKind,
  /** The number of the chunk; of a merge, that of its node in its level. */
  chunk: number,
  items: number,
  failed: number,
  /** From 1. */
  attempt: number,
  flags: number,
];

/** What some workers did in some time: sums and maxima only, so that cells can be added up. */
export type Cell = readonly [
  lane: number,
  column: number,
  chunks: number,
  busyMs: number,
  items: number,
  failed: number,
  triedAgain: number,
  slowestMs: number,
  slowestChunk: number,
];

export type Timeline = ExactTimeline | CellTimeline;

export interface ExactTimeline {
  readonly form: "exact";
  /** The names of the lanes, in order. */
  readonly lanes: readonly string[];
  readonly marks: readonly Mark[];
}

export interface CellTimeline {
  readonly form: "cells";
  readonly lanes: readonly string[];
  /** Workers in a lane. */
  readonly perLane: number;
  /** The width of a column. */
  readonly column: number;
  readonly cells: readonly Cell[];
  /** The most unusual chunks, and those that run. */
  readonly marks: readonly Mark[];
}

/** What tells a mark from all others of its batch. */
export function keyOfMark([lane, , , kind, chunk, , , attempt]: Mark): string {
  return `${kind === "merge" ? "m" : ""}${chunk}.${attempt}.${lane}`;
}
