/**
 * Planning in a function without job code. Batches whose items the job generates go on to the join's queue:
 * that function has the code.
 */
import { generationOf } from "../../core/records/batch/batch.ts";
import { extensionOf } from "../../core/records/batch/redriving.ts";
import type { PlanMessage } from "../../core/records/message.ts";
import { parseSpec, readBatch } from "../../batch/spec.ts";
import { coordinator } from "../coordinator.ts";
import type { Ports } from "../../ports.ts";
import type { PlanLimits } from "../planning/planning-limits.ts";
import type { Runner } from "../../runner/runner.ts";

const NO_CODE: Pick<Runner, "plan"> = {
  plan: () => Promise.reject(new Error("only a function with the job's code can plan generated items")),
};

/** Does nothing if the batch no longer exists. */
export async function planWithoutCode(ports: Ports, message: PlanMessage, limits: PlanLimits): Promise<void> {
  const fields = await readBatch(ports.ledger, message.batch);
  if (!fields) return;
  const { reader } = parseSpec(message.batch, fields).input;
  // Most redrives use the plan that there is.
  const isPlanning = generationOf(fields) === 0 || extensionOf(fields) !== null;
  if (reader === "from" && isPlanning) return ports.queue.send("join", [message]);
  return coordinator(ports, NO_CODE, message, limits);
}
