/** Submits a batch, and cancels one: shared by the API and the command line on one machine. */
import { generationOf, hasEnded, openBatch } from "../core/records/batch/batch.ts";
import { isRemoved } from "../core/records/batch/removed-batch.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { planKey } from "../core/records/plan.ts";
import { create } from "../core/records/record.ts";
import type { Fields } from "../core/records/record.ts";
import { measured } from "./measured-input.ts";
import { readBatch, specFields, unknownBatch } from "./spec.ts";
import type { BatchSpec } from "./spec.ts";
import { askToEnd, wakeCoordinator } from "./steering/end.ts";
import type { Ledger, Ports } from "../ports.ts";

type SubmitPorts = Pick<Ports, "ledger" | "queue">;
type OpenPorts = SubmitPorts & Pick<Ports, "store" | "tracer">;

/** Opens the batch and wakes the coordinator. Submitting the same batch twice opens it once. */
export async function submit(ports: OpenPorts, spec: BatchSpec): Promise<void> {
  await traced(ports, spec, async (submitted) => open(ports, await measured(submitted, ports.store)));
}

/** The same for a spec that was measured, as far as it could be: its files are not read once more. */
export async function submitMeasured(ports: Omit<OpenPorts, "store">, spec: BatchSpec): Promise<void> {
  await traced(ports, spec, (submitted) => open(ports, submitted));
}

async function traced(
  { tracer }: Pick<Ports, "tracer">,
  spec: BatchSpec,
  run: (spec: BatchSpec) => Promise<void>,
): Promise<void> {
  if (!tracer) return run(spec);
  const { batch, job, trace } = spec;
  const attributes = { "fanjoin.batch.id": batch, "fanjoin.job": job };
  await tracer.span({ name: `submit ${job}`, kind: "producer", attributes, parent: trace }, (span) =>
    run(span.traceparent === null ? spec : { ...spec, trace: span.traceparent }),
  );
}

async function open(ports: SubmitPorts, spec: BatchSpec): Promise<void> {
  await ports.ledger.update(openBatch(spec.batch, specFields(spec)));
  await wakeCoordinator(ports, spec.batch);
}

/**
 * Whether nothing of the batch is planned yet: its submitter may have died before it woke the coordinator.
 */
export async function isUnplanned(
  ledger: Pick<Ledger, "read">,
  batch: string,
  fields: Fields,
): Promise<boolean> {
  if (hasEnded(fields) || fields["chunks"] !== undefined || generationOf(fields) > 0) return false;
  const [first = null] = await ledger.read([planKey(batch, 0)]);
  return first === null;
}

/** An idempotency token. */
export interface Token {
  readonly job: string;
  readonly id: string;
  /** The fingerprint of input and params. */
  readonly input: string;
  /** It stays with its batch, also when that is removed: late deliveries of one event begin nothing. */
  readonly forever?: true;
}

/**
 * The batch that an idempotency token stands for: `batch` if the token is new, or if its batch was removed;
 * else the batch that it was first used for. Throws `BATCH_CONFLICT` if that batch has another input.
 */
export async function claimToken(
  { ledger }: Pick<Ports, "ledger">,
  token: Token,
  batch: string,
): Promise<string> {
  const key = `token/${token.job}/${token.id}`;
  const fields = { batch, input: token.input };
  let { applied, record } = await ledger.update(create(key, fields));
  let first = record?.["batch"];
  if (!applied && typeof first === "string" && !token.forever && (await wasRemoved(ledger, first))) {
    const still = { is: "equal", field: "batch", value: first } as const;
    ({ applied, record } = await ledger.update({ key, when: [still], set: fields, add: {} }));
    first = record?.["batch"];
  }
  if (applied || typeof first !== "string") return batch;
  if (record?.["input"] === token.input) return first;
  throw new FanjoinError(
    "BATCH_CONFLICT",
    `the id ${token.id} was used for batch ${first} with another input: use a new id for a new input`,
  );
}

async function wasRemoved(ledger: Pick<Ledger, "read">, batch: string): Promise<boolean> {
  const fields = await readBatch(ledger, batch);
  return fields !== null && isRemoved(fields);
}

/**
 * Asks a batch to end with what is joined by then. False: it has ended, or was asked to end before. Throws
 * `BATCH_UNKNOWN`.
 */
export async function cancel(ports: SubmitPorts, batch: string): Promise<boolean> {
  const error = { code: "CANCELLED", message: "the batch was cancelled" } as const;
  const { applied, record } = await askToEnd(ports, batch, "cancel", error);
  if (!record) throw unknownBatch(batch);
  return applied;
}
