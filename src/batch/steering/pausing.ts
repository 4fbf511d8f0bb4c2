/** Pauses a batch, and goes on with it. */
import { hasEnded, isEnding } from "../../core/records/batch/batch.ts";
import { isPaused, isToRelaunch, pauseBatch, resumeBatch } from "../../core/records/batch/pausing.ts";
import type { Ports } from "../../ports.ts";
import { wakeCoordinator } from "./end.ts";
import { readBatch, unknownBatch } from "../spec.ts";

/**
 * Pauses a batch: running chunks end, no further one begins, and its deadline stands still. False: it is
 * paused already, is to end, or has ended. Throws `BATCH_UNKNOWN`.
 */
export async function pause(
  { ledger, clock }: Pick<Ports, "ledger" | "clock">,
  batch: string,
): Promise<boolean> {
  const { applied, record } = await ledger.update(pauseBatch(batch, clock.now()));
  if (!record) throw unknownBatch(batch);
  return applied;
}

/**
 * Goes on with a paused batch. False: it is not paused. Throws `BATCH_UNKNOWN`. The coordinator is woken also
 * where an earlier call may have died before that.
 */
export async function resume(
  { ledger, queue, clock }: Pick<Ports, "ledger" | "queue" | "clock">,
  batch: string,
): Promise<boolean> {
  const fields = await readBatch(ledger, batch);
  if (!fields) throw unknownBatch(batch);
  if (hasEnded(fields) || isEnding(fields)) return false;
  const updated = isPaused(fields)
    ? await ledger.update(resumeBatch(batch, fields, clock.now()))
    : { applied: false, record: fields };
  const { record, applied } = updated;
  if (record && !hasEnded(record) && isToRelaunch(record)) await wakeCoordinator({ queue }, batch);
  return applied;
}
