/** The sweeper: once a minute, ends batches at their deadline and finishes what somebody began and did not live to finish. */
import { endBatch, hasEnded, isEnding } from "../core/batch.ts";
import type { Fields } from "../core/record.ts";
import type { Ports } from "./perform.ts";

/** Batches looked at in one page. */
const PAGE = 100;

export async function sweeper(ports: Ports): Promise<void> {
  for (let after: string | null = null; ;) {
    const page: { key: string; fields: Fields }[] = await ports.ledger.list("batch/", after, PAGE);
    for (const { key, fields } of page) await sweepBatch(ports, key.slice("batch/".length), fields);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.key;
  }
}

/** Whether the batch was asked to end just now. */
export async function sweepBatch(ports: Ports, batch: string, fields: Fields): Promise<boolean> {
  if (hasEnded(fields)) return false;
  let asked = false;
  if (Number(fields["deadlineAt"]) <= ports.clock.now() && !isEnding(fields)) {
    const { applied } = await ports.ledger.update(endBatch(batch, "deadline", deadlineError(fields)));
    asked = applied;
  }
  // The coordinator does whatever is missing: it is harmless where nothing is.
  if (asked || isEnding(fields)) await ports.queue.send("coordinator", [{ kind: "plan", batch, entry: 0 }]);
  return asked;
}

function deadlineError(fields: Fields): { code: "DEADLINE_EXCEEDED"; message: string } {
  const at = new Date(Number(fields["deadlineAt"])).toISOString();
  return { code: "DEADLINE_EXCEEDED", message: `the batch was not done at its deadline, ${at}` };
}
