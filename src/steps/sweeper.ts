/**
 * The sweeper: runs once a minute, ends batches at their deadline, and finishes what a dead process left
 * unfinished.
 */
import { endBatch, generationOf, hasEnded, isEnding } from "../core/records/batch.ts";
import type { Fields } from "../core/records/record.ts";
import { allBatches } from "../batch/list.ts";
import { wakeCoordinator } from "../batch/end.ts";
import type { Ports } from "../ports.ts";

export async function sweeper(ports: Ports): Promise<void> {
  for await (const { batch, fields } of allBatches(ports.ledger, { having: "open" })) {
    await sweepBatch(ports, batch, fields);
    await wakeUnlaid(ports, batch, fields);
  }
}

/** The process that began a redrive may have died before it sent the coordinator its message. */
export async function wakeUnlaid(ports: Ports, batch: string, fields: Fields): Promise<void> {
  const generation = generationOf(fields);
  if (generation > 0 && !hasEnded(fields) && fields["laid"] !== generation)
    await wakeCoordinator(ports, batch);
}

/** Returns whether this call asked the batch to end. */
export async function sweepBatch(ports: Ports, batch: string, fields: Fields): Promise<boolean> {
  if (hasEnded(fields)) return false;
  let asked = false;
  if (Number(fields["deadlineAt"]) <= ports.clock.now() && !isEnding(fields)) {
    const { applied } = await ports.ledger.update(endBatch(batch, "deadline", deadlineError(fields)));
    asked = applied;
  }
  // The coordinator does what is missing. If nothing is, waking it is harmless.
  if (asked || isEnding(fields)) await wakeCoordinator(ports, batch);
  return asked;
}

function deadlineError(fields: Fields): { code: "DEADLINE_EXCEEDED"; message: string } {
  const at = new Date(Number(fields["deadlineAt"])).toISOString();
  return { code: "DEADLINE_EXCEEDED", message: `the batch was not done at its deadline, ${at}` };
}
