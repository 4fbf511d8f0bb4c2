/**
 * Asks a batch to end early, and wakes the coordinator. The coordinator reads the batch's record and does
 * whatever comes next, so a wake-up carries no instruction.
 */
import { endBatch, endWithEnough, generationOf, hasEnded, isEnding } from "../../core/records/batch/batch.ts";
import type { Ending, Failure } from "../../core/records/batch/batch.ts";
import type { Fields, Updated } from "../../core/records/record.ts";
import { readBatch } from "../spec.ts";
import type { Ports } from "../../ports.ts";

/** Harmless where there is nothing to do. */
export async function wakeCoordinator({ queue }: Pick<Ports, "queue">, batch: string): Promise<void> {
  await queue.send("coordinator", [{ kind: "plan", batch, entry: 0 }]);
}

/** Only the first reason is kept. The update is applied if this was it. */
export async function askToEnd(
  ports: Pick<Ports, "ledger" | "queue">,
  batch: string,
  ending: Exclude<Ending, "enough">,
  error: Failure,
): Promise<Updated> {
  const updated = await ports.ledger.update(endBatch(batch, ending, error));
  if (updated.applied) await wakeCoordinator(ports, batch);
  return updated;
}

/** Ends a batch with what is settled. `enough` says why that is enough. */
export async function endEarlyWith(
  ports: Pick<Ports, "ledger" | "queue">,
  batch: string,
  enough: string,
): Promise<void> {
  const { applied } = await ports.ledger.update(endWithEnough(batch, enough));
  if (applied) await wakeCoordinator(ports, batch);
}

/** Whether work for a batch still counts: see `isWantedIn`. */
export async function isWanted(
  ledger: Pick<Ports["ledger"], "read">,
  batch: string,
  generations: readonly number[] | null = null,
): Promise<boolean> {
  return isWantedIn(await readBatch(ledger, batch), generations);
}

/**
 * Whether work for the batch of this record still counts: it has not ended, and was not asked to end. With
 * `generations`, it also has to be in one of them.
 */
export function isWantedIn(fields: Fields | null, generations: readonly number[] | null = null): boolean {
  if (!fields || hasEnded(fields) || isEnding(fields)) return false;
  return generations === null || generations.includes(generationOf(fields));
}
