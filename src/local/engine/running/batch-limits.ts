/** Answers for the limits of batches from the engine's ledger, where they outlive the process. */
import { limitsIn } from "../../../core/limits/limits.ts";
import { parseSpec, readBatch } from "../../../batch/spec.ts";
import type { Fields } from "../../../core/records/record.ts";
import type { Ledger } from "../../../ports.ts";
import { leaseCalls, pauseLimit } from "../../../steps/limiting/lease-calls.ts";
import type { JobLimit, LimiterPorts } from "../../../steps/limiting/lease-calls.ts";
import { InFlightRoom } from "./in-flight.ts";
import type { LimitsHost } from "../../threads/thread-limits.ts";

/** A question that found no answer is asked again after this. */
const AGAIN_MS = 1000;

interface BatchLimitPorts extends LimiterPorts {
  readonly ledger: Pick<Ledger, "read" | "update">;
}

export interface EngineLimits extends LimitsHost {
  /** The limits of a batch were changed: they are as these fields of its record say. */
  changed(batch: string, fields: Fields): void;
}

/** `ports` is asked for with every question: threads are started before there are any. */
export function batchLimits(ports: () => BatchLimitPorts): EngineLimits {
  /** Read anew each time: limits may be changed while a batch runs. */
  async function limitOf(batch: string): Promise<JobLimit | null> {
    const fields = await readBatch(ports().ledger, batch);
    const { rateLimit } = limitsIn(fields ?? {});
    return fields && rateLimit ? { job: parseSpec(batch, fields).job, limit: rateLimit } : null;
  }
  /** Of the batches that have calls in flight. */
  const rooms = new Map<string, InFlightRoom>();
  const roomOf = (batch: string): InFlightRoom => {
    const room = rooms.get(batch) ?? new InFlightRoom();
    rooms.set(batch, room);
    return room;
  };
  const tidy = (batch: string): void => {
    if (rooms.get(batch)?.isUnused === true) rooms.delete(batch);
  };
  return {
    async enter(batch, holder) {
      const fields = await readBatch(ports().ledger, batch).catch(() => null);
      const { inFlight = Infinity } = limitsIn(fields ?? {});
      await roomOf(batch).enter(holder, inFlight);
    },
    leave(batch, holder) {
      rooms.get(batch)?.leave(holder);
      tidy(batch);
    },
    changed(batch, fields) {
      const { inFlight = Infinity } = limitsIn(fields);
      rooms.get(batch)?.limitTo(inFlight);
    },
    gone(holder) {
      for (const [batch, room] of rooms) {
        room.gone(holder);
        tidy(batch);
      }
    },
    async lease(batch, wanted) {
      const { clock } = ports();
      try {
        const limit = await limitOf(batch);
        if (limit) return await leaseCalls(ports(), limit, wanted);
        return { from: clock.now(), calls: wanted.calls, every: 0, late: AGAIN_MS };
      } catch {
        // The ledger has failed, and with it the engine; it says so itself.
        return { retryAt: clock.now() + AGAIN_MS };
      }
    },
    async pause(batch, ms) {
      const limit = await limitOf(batch).catch(() => null);
      if (limit) await pauseLimit(ports(), limit, ms).catch(() => undefined);
    },
  };
}
