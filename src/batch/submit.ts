/** Submitting a batch and asking one to end: what the API does, and the command line on one machine. */
import { openBatch } from "../core/records/batch.ts";
import { FanjoinError } from "../core/errors.ts";
import { create } from "../core/records/record.ts";
import { specFields, unknownBatch } from "./spec.ts";
import type { BatchSpec } from "./spec.ts";
import { askToEnd, wakeCoordinator } from "./end.ts";
import type { Ports } from "../ports.ts";

type SubmitPorts = Pick<Ports, "ledger" | "queue">;

/** Opens the batch and sends it to the coordinator. The same batch again is the same batch. */
export async function submit(ports: SubmitPorts, spec: BatchSpec): Promise<void> {
  await ports.ledger.update(openBatch(spec.batch, specFields(spec)));
  await wakeCoordinator(ports, spec.batch);
}

/**
 * The batch that an idempotency token stands for: `batch` if the token is new, else the one it was first used
 * for. Throws `BATCH_CONFLICT` if that one had another input.
 */
export async function claimToken(
  { ledger }: Pick<Ports, "ledger">,
  token: { readonly job: string; readonly id: string; readonly input: string },
  batch: string,
): Promise<string> {
  const fields = { batch, input: token.input };
  const { applied, record } = await ledger.update(create(`token/${token.job}/${token.id}`, fields));
  const first = record?.["batch"];
  if (applied || typeof first !== "string") return batch;
  if (record?.["input"] === token.input) return first;
  throw new FanjoinError(
    "BATCH_CONFLICT",
    `the id ${token.id} was used for batch ${first} with another input: use a new id for a new input`,
  );
}

/**
 * Asks a batch to end with what is joined by then. Whether that was news: false if it has ended, or was asked
 * before.
 */
export async function cancel(ports: SubmitPorts, batch: string): Promise<boolean> {
  const error = { code: "CANCELLED", message: "the batch was cancelled" } as const;
  const { applied, record } = await askToEnd(ports, batch, "cancel", error);
  if (!record) throw unknownBatch(batch);
  return applied;
}
