/** Takes calls of a rate limit from its record in the ledger: usually one update for many calls. */
import {
  isPaused,
  leaseIn,
  leaseSize,
  limitRecordKey,
  nextTakeAt,
  pauseCalls,
  takeAfterPause,
  takeNext,
} from "../../core/limits/rate-limit.ts";
import type { CallsWanted, LeaseAnswer } from "../../core/limits/rate-limit.ts";
import type { KeyedRateLimit } from "../../core/limits/limits.ts";
import type { Clock, Ledger } from "../../ports.ts";

/** What the limits of a job are kept with. */
export interface LimiterPorts {
  readonly ledger: Pick<Ledger, "update">;
  readonly clock: Clock;
}

/** The limit of one job, as its batch has it. */
export interface JobLimit {
  readonly job: string;
  readonly limit: KeyedRateLimit;
}

/** Others may take calls between two updates; after so many of these the worker asks again a little later. */
const MAX_TRIES = 5;
const AGAIN_MS = 20;

/**
 * Takes calls, at most as many as are wanted. Throws what the ledger throws: an update whose answer was lost
 * is not repeated, so its calls lapse, and the limit holds.
 */
export async function leaseCalls(
  { ledger, clock }: LimiterPorts,
  { job, limit }: JobLimit,
  { calls: most, wayMs }: CallsWanted,
): Promise<LeaseAnswer> {
  const key = limitRecordKey(job, limit.key);
  const calls = leaseSize(limit, most);
  const wanted = { calls, wayMs };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const now = clock.now();
    const next = await ledger.update(takeNext(key, limit, wanted, now));
    if (next.applied) return leaseIn(next.record, limit, calls);
    const retryAt = nextTakeAt(next.record, now);
    if (retryAt !== null) return { retryAt };
    if (!isPaused(next.record, limit, wanted, now)) continue;
    const first = await ledger.update(takeAfterPause(key, limit, wanted, { now, record: next.record }));
    if (first.applied) return leaseIn(first.record, limit, calls);
  }
  return { retryAt: clock.now() + AGAIN_MS };
}

/** Nobody makes calls of the limit for so long, but for those that are taken already. */
export async function pauseLimit(
  { ledger, clock }: LimiterPorts,
  { job, limit }: JobLimit,
  ms: number,
): Promise<void> {
  await ledger.update(pauseCalls(limitRecordKey(job, limit.key), clock.now() + ms));
}
