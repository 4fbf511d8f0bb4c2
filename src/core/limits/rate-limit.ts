/**
 * An exact limit of calls over any number of workers: GCRA
 * (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm) with leases.
 *
 * One number in one record says up to which time all calls are given away: the call after it may be made at
 * that time. A worker takes the next calls by one update that moves the number on. Each call has a time of
 * its own, a period after the one before it, and may be made from then on for `burst` periods. Then it
 * lapses. So in any second at most `perSecond + burst` calls are made, whoever makes them, and whatever comes
 * late.
 *
 * Times in the record are whole microseconds since the epoch.
 */
import type { Condition, Fields, Update } from "../records/record.ts";

export interface RateLimit {
  readonly perSecond: number;
  /** How many more calls than `perSecond` a second may have: so late may calls be made. */
  readonly burst: number;
}

/** Calls of one worker: the call `n`, from 0, may be made from `from + n * every` on, for `late`. */
export interface CallLease {
  /** In milliseconds since the epoch. */
  readonly from: number;
  readonly calls: number;
  /** In milliseconds, as is `late`. */
  readonly every: number;
  readonly late: number;
}

/** `retryAt`: no calls are given away now, because they would be too far ahead; in ms since the epoch. */
export type LeaseAnswer = CallLease | { readonly retryAt: number };

/** Faster, the record of a limit would have to be updated more often than a table allows. */
export const MOST_PER_SECOND = 50_000;
export const LEAST_PER_SECOND = 0.001;

/** The most calls of one lease: of more, a worker on a busy machine makes the last ones too late. */
export const MAX_LEASE_CALLS = 50;
/** Calls are given away at most so long ahead, so that a pause or a changed limit is soon noticed. */
export const AHEAD_MS = 1000;

const US_PER_MS = 1000;
const US_PER_SECOND = 1_000_000;

/** The record of the calls that a job, or all jobs with one key, may make. */
export function limitRecordKey(job: string, key: string | null): string {
  return key === null ? `limit/job/${job}` : `limit/key/${key}`;
}

/** A `burst` that suits a rate: a tenth of a second's calls, so that a call may come so late. */
export function usualBurst(perSecond: number): number {
  return Math.max(1, Math.ceil(perSecond / 10));
}

/** How many calls a worker asks for: those that wait, or as many as it has made lately. */
export function leaseSize({ perSecond }: Pick<RateLimit, "perSecond">, wanted: number): number {
  const ahead = Math.max(1, Math.floor((perSecond * AHEAD_MS) / 1000));
  return Math.max(1, Math.min(Math.ceil(wanted), MAX_LEASE_CALLS, ahead));
}

/** What a worker asks for. */
export interface CallsWanted {
  readonly calls: number;
  /** How long the calls are on their way to the worker: those that would lapse by then are left out. */
  readonly wayMs: number;
}

/** Takes the next calls. Refused if none are given away for now or later, or if they are too far ahead. */
export function takeNext(key: string, limit: RateLimit, { calls, wayMs }: CallsWanted, now: number): Update {
  const when: Condition[] = [
    { is: "present", field: "tat" },
    { is: "absent-or-above", field: "tat", value: lapsed(limit, now + wayMs) },
    { is: "at-most", field: "tat", value: (now + AHEAD_MS) * US_PER_MS },
  ];
  return { key, when, set: {}, add: { tat: lengthOf(limit, calls) } };
}

/**
 * Takes calls after a pause: half of a burst may be made as soon as they are there. `record`: as the refusal
 * of `takeNext` showed it; refused if it has changed since.
 */
export function takeAfterPause(
  key: string,
  limit: RateLimit,
  { calls, wayMs }: CallsWanted,
  { now, record }: { readonly now: number; readonly record: Fields | null },
): Update {
  const tat = tatOf(record);
  const same: Condition =
    tat === null ? { is: "absent", field: "tat" } : { is: "equal", field: "tat", value: tat };
  const tatAfter = lapsed(limit, now + wayMs) + lengthOf(limit, calls);
  return { key, when: [same], set: { tat: tatAfter }, add: {} };
}

/** Nobody takes calls before `until`, in milliseconds since the epoch. Refused if that is so already. */
export function pauseCalls(key: string, until: number): Update {
  const tat = Math.ceil(until * US_PER_MS);
  return { key, when: [{ is: "at-most", field: "tat", value: tat }], set: { tat }, add: {} };
}

/** The calls that an update took which was applied: those before the number in `record`. */
export function leaseIn(record: Fields, limit: RateLimit, calls: number): CallLease {
  const length = lengthOf(limit, calls);
  return {
    from: ((tatOf(record) ?? 0) - length) / US_PER_MS,
    calls,
    every: length / calls / US_PER_MS,
    late: (limit.burst * periodOf(limit)) / US_PER_MS,
  };
}

/** When calls can be taken that are too far ahead now, in milliseconds since the epoch; `null`: now. */
export function nextTakeAt(record: Fields | null, now: number): number | null {
  const tat = (tatOf(record) ?? 0) / US_PER_MS;
  return tat > now + AHEAD_MS ? tat - AHEAD_MS : null;
}

/** Whether calls of the record lie so far in the past that they lapse before they can be made. */
export function isPaused(
  record: Fields | null,
  limit: RateLimit,
  { wayMs }: Pick<CallsWanted, "wayMs">,
  now: number,
): boolean {
  const tat = tatOf(record);
  return tat === null || tat <= lapsed(limit, now + wayMs);
}

function tatOf(record: Fields | null): number | null {
  const tat = record?.["tat"];
  return typeof tat === "number" ? tat : null;
}

/**
 * Calls of this time, or of earlier ones, are not given away any more: they would lapse before they could be
 * made. Half of the time in which a call may be late is for the way to the worker.
 */
function lapsed(limit: RateLimit, now: number): number {
  return Math.floor(now * US_PER_MS) - Math.ceil((limit.burst * periodOf(limit)) / 2);
}

/** Rounded up: no rate is exceeded. */
function periodOf({ perSecond }: RateLimit): number {
  return Math.ceil(US_PER_SECOND / perSecond);
}

function lengthOf({ perSecond }: RateLimit, calls: number): number {
  return Math.ceil((calls * US_PER_SECOND) / perSecond);
}
