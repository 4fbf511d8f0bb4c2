/** Asking a batch to end early, and waking the coordinator, which does whatever a batch needs next. */
import { endBatch, generationOf, hasEnded, isEnding } from "../core/records/batch.ts";
import type { Ending, Failure } from "../core/records/batch.ts";
import type { Updated } from "../core/records/record.ts";
import { readBatch } from "./spec.ts";
import type { Ports } from "../ports.ts";

/** Harmless where there is nothing to do. */
export async function wakeCoordinator({ queue }: Pick<Ports, "queue">, batch: string): Promise<void> {
  await queue.send("coordinator", [{ kind: "plan", batch, entry: 0 }]);
}

/** The first reason stays; the reply says whether this was it. */
export async function askToEnd(
  ports: Pick<Ports, "ledger" | "queue">,
  batch: string,
  ending: Ending,
  error: Failure,
): Promise<Updated> {
  const updated = await ports.ledger.update(endBatch(batch, ending, error));
  if (updated.applied) await wakeCoordinator(ports, batch);
  return updated;
}

/**
 * Whether a batch goes on: it has not ended, and nobody has asked it to. With `generations`, whether it is in
 * one of them.
 */
export async function isWanted(
  ledger: Pick<Ports["ledger"], "read">,
  batch: string,
  generations: readonly number[] | null = null,
): Promise<boolean> {
  const fields = await readBatch(ledger, batch);
  if (!fields || hasEnded(fields) || isEnding(fields)) return false;
  return generations === null || generations.includes(generationOf(fields));
}
