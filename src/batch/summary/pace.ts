/** How fast a batch works, and what is left of it: estimates for people. */
import type { BatchState } from "../../core/records/batch/batch.ts";
import type { Totals } from "../../core/records/totals.ts";
import { readerKinds } from "../../input/kinds.ts";
import type { BatchSpec } from "../spec.ts";

/** What the process knows that runs a batch. */
export interface BatchPace {
  /** The threads that run chunks of its job. `null`: not threads of one machine. */
  readonly threads: number | null;
  /** Of chunks that have begun and are not settled, in the reader's unit. `null`: not known. */
  readonly unitsInFlight: number | null;
  /** Units in a second over the last minute. `null`: not known. */
  readonly unitsPerSecond: number | null;
}

/** Of a batch of which nobody knows more than its records say. */
export const NO_PACE: BatchPace = { threads: null, unitsInFlight: null, unitsPerSecond: null };

export interface Remaining {
  /** Items of chunks that have begun and are not settled. `null`: not known. */
  readonly inFlight: number | null;
  /** Items that have not begun, by what the items so far were like. Where `inFlight` is `null`, both. */
  readonly waiting: number | null;
  /** `waiting` is no estimate. */
  readonly exact?: true;
  /** `null`: it is too early to say, or not known. */
  readonly secondsLeft: { readonly least: number; readonly most: number } | null;
}

export interface PaceContext {
  readonly spec: BatchSpec;
  readonly state: BatchState;
  readonly totals: Pick<Totals, "succeeded" | "failed" | "units">;
  /** The size of the whole input in the reader's unit; `null`: not known. */
  readonly of: number | null;
  readonly pace: BatchPace;
  /** How long it has worked so far, in seconds. */
  readonly seconds: number;
}

/** Before that an estimate says nothing. */
const MIN_SECONDS = 5;
const MIN_SHARE = 0.01;

export function remaining(context: PaceContext): Remaining {
  const { spec, totals, of, pace } = context;
  const { units } = totals;
  const done = totals.succeeded + totals.failed;
  const { indexed } = readerKinds[spec.input.reader];
  // Of an indexed reader each unit is an item.
  const perUnit = indexed ? 1 : units > 0 ? done / units : null;
  const flying = pace.unitsInFlight === null || perUnit === null ? null : pace.unitsInFlight * perUnit;
  const inFlight = pace.unitsInFlight === 0 ? 0 : flying && Math.round(flying);
  const left = of === null || perUnit === null ? null : (of - units) * perUnit - (inFlight ?? 0);
  const waiting = left && Math.max(0, Math.round(left));
  return {
    inFlight,
    waiting,
    ...(indexed && waiting !== null ? { exact: true } : {}),
    secondsLeft: secondsLeft(context),
  };
}

function secondsLeft({ state, totals, of, pace, seconds }: PaceContext): Remaining["secondsLeft"] {
  const { units } = totals;
  if (state !== "planning" && state !== "running") return null;
  if (of === null || seconds < MIN_SECONDS || units < of * MIN_SHARE) return null;
  const rates = [units / seconds, pace.unitsPerSecond ?? 0].filter((rate) => rate > 0);
  if (rates.length === 0) return null;
  const estimates = rates.map((rate) => Math.round(Math.max(0, of - units) / rate));
  return { least: Math.min(...estimates), most: Math.max(...estimates) };
}
