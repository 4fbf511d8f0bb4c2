/** The history of a batch as it is kept beside its files, with the groups of its failed items. */
import { failureSummary } from "../failures/failure-summary.ts";
import type { LiveFailures } from "../failures/failure-summary.ts";
import { count, jsonOrNull, list, maybe, number, object, oneOf, text, where } from "../json/shape.ts";
import type { Check } from "../json/shape.ts";
import { isObject } from "../json/json.ts";
import type { BatchHistory } from "./history.ts";

export interface StoredHistory {
  readonly format: 1;
  /** Of the batch: a redrive begins another history. */
  readonly generation: number;
  readonly history: BatchHistory;
  readonly failures: LiveFailures;
}

const numbers = list(number);
const numbersOrNot = list(where((value) => value === null || Number.isFinite(value)));

const KINDS = ["succeeded", "failed", "broken", "running", "lost", "merge"];
const MARK_LENGTH = 9;
/** Numbers, and the kind in between. */
const mark: Check = where(
  (value) =>
    Array.isArray(value) &&
    value.length === MARK_LENGTH &&
    KINDS.includes(String(value[3])) &&
    value.every((one, place) => place === 3 || (place === 2 && one === null) || Number.isFinite(one)),
);
const cell: Check = where(
  (value) => Array.isArray(value) && value.length === MARK_LENGTH && value.every(Number.isFinite),
);

const exact = object({ lanes: list(text), marks: list(mark) });
const cells = object({
  lanes: list(text),
  perLane: count,
  column: number,
  cells: list(cell),
  marks: list(mark),
});
const timeline: Check = (value) =>
  isObject(value) && value["form"] === "exact" ? exact(value) : cells(value);

const history = object({
  start: number,
  now: number,
  interval: number,
  points: object({ done: numbers, failed: numbers, inFlight: numbersOrNot }),
  allowed: maybe(number),
  latency: maybe(
    object({
      of: oneOf(["item", "chunk"]),
      count: number,
      p50: number,
      p90: number,
      p99: number,
      max: number,
      buckets: list(list(number)),
    }),
  ),
  counts: object({
    settled: number,
    running: maybe(number),
    triedAgain: number,
    hedged: number,
    split: number,
    merges: number,
  }),
  timeline: maybe(timeline),
});

const stored = object({
  format: where((value) => value === 1),
  generation: count,
  history,
  failures: where((value) => failureSummary(value) === null && object({ of: count })(value) === null),
});

/** `null` for text that is not a history that this fanjoin knows: then there is none to show. */
export function parseHistory(json: string): StoredHistory | null {
  const value = jsonOrNull(json);
  return stored(value) === null ? (value as StoredHistory) : null;
}
