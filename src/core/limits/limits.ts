/** The limits of a batch, as its record has them. */
import { isObject } from "../json/json.ts";
import type { Fields } from "../records/record.ts";
import { settingsOf } from "../records/batch/settings.ts";
import { usualBurst } from "./rate-limit.ts";
import type { RateLimit } from "./rate-limit.ts";

/** A rate limit with the name that jobs share it by; `null`: it is the job's own. */
export interface KeyedRateLimit extends RateLimit {
  readonly key: string | null;
}

/** Absent: there is no such limit. */
export interface BatchLimits {
  readonly rateLimit?: KeyedRateLimit | undefined;
  /** How many calls of `process` may run at once, in all threads or functions together. */
  readonly inFlight?: number | undefined;
  /** Each thread or function finds out by itself how many calls the service takes at once. */
  readonly adaptive?: boolean | undefined;
}

/**
 * The limits in a batch's record: the one place where they are read, however they got there. Those that were
 * set while it runs come before those that it was submitted with.
 */
export function limitsIn(fields: Fields): BatchLimits {
  const set = settingsOf(fields);
  const submitted = isObject(fields["rateLimit"]) ? (fields["rateLimit"] as unknown as KeyedRateLimit) : null;
  const rateLimit = set.perSecond === undefined ? submitted : rateOf(set.perSecond, submitted);
  const inFlight = set.inFlight ?? fields["inFlight"];
  return {
    ...(rateLimit === null ? {} : { rateLimit }),
    ...(typeof inFlight === "number" ? { inFlight } : {}),
    ...(fields["adaptive"] === true ? { adaptive: true } : {}),
  };
}

/** The key stays, and so does a burst that is not the usual one of the rate before. */
function rateOf(perSecond: number, before: KeyedRateLimit | null): KeyedRateLimit {
  const isUsual = before === null || before.burst === usualBurst(before.perSecond);
  const burst = isUsual ? usualBurst(perSecond) : before.burst;
  return { perSecond, burst, key: before?.key ?? null };
}

/** The fields that keep them. */
export function limitFields({ rateLimit, inFlight, adaptive }: BatchLimits): Fields {
  return {
    ...(rateLimit ? { rateLimit: { ...rateLimit } } : {}),
    ...(inFlight === undefined ? {} : { inFlight }),
    ...(adaptive === true ? { adaptive } : {}),
  };
}
