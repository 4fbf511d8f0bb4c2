/**
 * Removes a batch of a stack. Its record is emptied and marked, so that nobody sees it any more; the sweeper
 * removes its objects. Everything else expires by itself: records some time after their last change, objects
 * of attempts some time after they were made.
 */
import { hasEnded } from "../../core/records/batch/batch.ts";
import { isRemoved, removalEnded, removeBatch } from "../../core/records/batch/removed-batch.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Ports } from "../../ports.ts";
import { readBatch, unknownBatch } from "../spec.ts";

export function notRemovable(batch: string): FanjoinError {
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has not ended, and only an ended batch can be removed: cancel it first`,
  );
}

/**
 * Takes a batch that has ended out of sight. Its idempotency token is free again. A batch that was removed
 * before is unknown. Throws `BATCH_UNKNOWN`, `BATCH_NOT_READY`.
 */
export async function remove(
  { ledger, clock }: Pick<Ports, "ledger" | "clock">,
  batch: string,
): Promise<void> {
  const fields = await readBatch(ledger, batch);
  if (!fields || isRemoved(fields)) throw unknownBatch(batch);
  if (!hasEnded(fields)) throw notRemovable(batch);
  const { applied } = await ledger.update(removeBatch(batch, fields, clock.now()));
  // A redrive has just begun.
  if (!applied) throw notRemovable(batch);
}

/** Removes the objects of a removed batch, as many as one call can. */
export async function removeObjects(
  { ledger, store }: Pick<Ports, "ledger" | "store">,
  batch: string,
): Promise<void> {
  if (await store.removeFolder(`batches/${batch}`)) await ledger.update(removalEnded(batch));
}
