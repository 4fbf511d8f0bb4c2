/** The limits of a batch, as its record has them. */
import { isObject } from "../json/json.ts";
import type { Fields } from "../records/record.ts";
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
}

/** The limits in a batch's record: the one place where they are read, however they got there. */
export function limitsIn(fields: Fields): BatchLimits {
  const { rateLimit, inFlight } = fields;
  return {
    ...(isObject(rateLimit) ? { rateLimit: rateLimit as unknown as KeyedRateLimit } : {}),
    ...(typeof inFlight === "number" ? { inFlight } : {}),
  };
}

/** The fields that keep them. */
export function limitFields({ rateLimit, inFlight }: BatchLimits): Fields {
  return {
    ...(rateLimit ? { rateLimit: { ...rateLimit } } : {}),
    ...(inFlight === undefined ? {} : { inFlight }),
  };
}
