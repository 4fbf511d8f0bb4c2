/** The limits of a function that has the ledger itself. */
import type { BatchSpec } from "../../batch/spec.ts";
import type { BatchLimits } from "../../core/limits/limits.ts";
import type { LeaseAnswer } from "../../core/limits/rate-limit.ts";
import type { LimitSource } from "../../runner/limits/runner-limits.ts";
import { leaseCalls, pauseLimit } from "./lease-calls.ts";
import type { JobLimit } from "./lease-calls.ts";
import { LeasedRoom } from "./leased-room.ts";
import type { LeasedRoomOptions } from "./leased-room.ts";

export interface LedgerLimitsOptions extends Pick<
  LeasedRoomOptions,
  "ports" | "newTag" | "until" | "sleep" | "breakOff"
> {
  /** Whether messages can be delayed. */
  readonly postpones: boolean;
  /** How many items the job has in `process` at once. */
  readonly concurrency: number;
}

export interface LedgerLimits {
  readonly source: LimitSource;
  /** The limits of a batch as its record has them now. */
  note(batch: string, limits: BatchLimits): void;
  /** The invocation ends: gives back the room for calls in flight that it has leased. Never rejects. */
  giveBack(): Promise<void>;
}

/** Each lease is a write that costs money: it is for as many calls as were made in the last second. */
const LEASE_MS = 1000;
/** Work that was broken off asks no more; other work asks again after this. */
const AGAIN_MS = 1000;

export function ledgerLimits(options: LedgerLimitsOptions): LedgerLimits {
  const { ports, postpones, concurrency, breakOff } = options;
  /** By batch. */
  const rooms = new Map<string, LeasedRoom>();
  /** By batch: the newest limits, which were found with this spec or after it. */
  const newest = new Map<string, { readonly spec: BatchSpec; limits: BatchLimits }>();
  const limitsOf = (spec: BatchSpec): BatchLimits => {
    const known = newest.get(spec.batch);
    if (known?.spec === spec) return known.limits;
    newest.set(spec.batch, { spec, limits: spec });
    rooms.get(spec.batch)?.limitChanged();
    return spec;
  };
  const source: LimitSource = {
    leaseMs: LEASE_MS,
    postpones,
    limitsOf,
    inFlightOf({ batch }) {
      const known = rooms.get(batch);
      if (known) return known;
      const limit = (): number => newest.get(batch)?.limits.inFlight ?? Infinity;
      const made = new LeasedRoom({ ...options, batch, limit, wanted: concurrency });
      rooms.set(batch, made);
      return made;
    },
    leasesOf: (spec) => ({
      async lease(wanted): Promise<LeaseAnswer> {
        const now = ports.clock.now();
        const limit = limitOf(spec(), limitsOf);
        if (limit === null) return { from: now, calls: wanted.calls, every: 0, late: AGAIN_MS };
        try {
          return await leaseCalls(ports, limit, wanted);
        } catch (error) {
          breakOff(error);
          return { retryAt: now + AGAIN_MS };
        }
      },
      async pause(ms) {
        const limit = limitOf(spec(), limitsOf);
        // Without it the others notice by themselves that the service refuses calls.
        if (limit) await pauseLimit(ports, limit, ms).catch(() => undefined);
      },
    }),
  };
  return {
    source,
    note(batch, limits) {
      const known = newest.get(batch);
      if (known) known.limits = limits;
      rooms.get(batch)?.limitChanged();
    },
    async giveBack() {
      // Room that is still asked for is asked for under the limits.
      await Promise.all([...rooms.values()].map((room) => room.giveBack()));
      rooms.clear();
      newest.clear();
    },
  };
}

function limitOf(spec: BatchSpec, limitsOf: LimitSource["limitsOf"]): JobLimit | null {
  const { rateLimit } = limitsOf(spec);
  return rateLimit ? { job: spec.job, limit: rateLimit } : null;
}
