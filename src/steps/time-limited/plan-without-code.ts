/**
 * Planning where no job's code is: batches whose items a function of the job makes are sent to where that is.
 */
import { generationOf } from "../../core/records/batch.ts";
import type { PlanMessage } from "../../core/records/message.ts";
import { parseSpec, readBatch } from "../../batch/spec.ts";
import { coordinator } from "../coordinator.ts";
import type { Ports } from "../../ports.ts";
import type { PlanLimits } from "../planning/planning-limits.ts";
import type { Runner } from "../../runner/runner.ts";

const NO_CODE: Pick<Runner, "plan"> = {
  plan: () => Promise.reject(new Error("only a function of the job can plan what that makes")),
};

/** A message about a batch that is there no longer is done. */
export async function planWithoutCode(ports: Ports, message: PlanMessage, limits: PlanLimits): Promise<void> {
  const fields = await readBatch(ports.ledger, message.batch);
  if (!fields) return;
  const { reader } = parseSpec(message.batch, fields).input;
  // A redrive plans nothing.
  if (reader === "from" && generationOf(fields) === 0) return ports.queue.send("join", [message]);
  return coordinator(ports, NO_CODE, message, limits);
}
