/** Messages as they were received. */
import type { ChunkMessage } from "../../core/records/message.ts";
import { isSuspect } from "../poison/suspicion.ts";
import type { ChunkEvidence } from "../poison/suspicion.ts";

export interface Delivery<M> {
  readonly message: M;
  /** How often it was received, this time included. */
  readonly receives: number;
}

export interface ChunkDelivery extends Delivery<ChunkMessage> {
  /** Something may have died of the chunk. Decided once, by `chunkDelivery`. */
  readonly suspect: boolean;
}

/** A chunk's message as it was received. `evidence`: what the receiver knows about the chunk besides. */
export function chunkDelivery(
  message: ChunkMessage,
  receives: number,
  evidence?: ChunkEvidence,
): ChunkDelivery {
  // Attempts in a smaller function say nothing about an attempt in the larger one.
  const { larger = 0 } = message;
  const { carried, accused } = evidence ?? { carried: 0, accused: false };
  const known = { carried: carried + larger, accused };
  return { message, receives, suspect: isSuspect(attemptOf({ message, receives }), known) };
}

/**
 * The number of the attempt. Receives start again with each fresh message, so they are added to the attempts
 * that the message brings.
 */
export function attemptOf({ message, receives }: Delivery<{ readonly attempt: number }>): number {
  return message.attempt + receives - 1;
}

/** Suspects run alone: one that kills its process takes no other chunk with it. */
export function bundlesOf<D extends ChunkDelivery>(deliveries: readonly D[]): (readonly D[])[] {
  const suspects = deliveries.filter(({ suspect }) => suspect);
  if (suspects.length === 0) return [deliveries];
  const fresh = deliveries.filter(({ suspect }) => !suspect);
  const alone = suspects.map((delivery) => [delivery]);
  return fresh.length > 0 ? [fresh, ...alone] : alone;
}

/** The deliveries of each batch. On one machine all that come together are of one. */
export function byBatch<D extends ChunkDelivery>(
  deliveries: readonly D[],
): readonly (readonly [batch: string, bundle: readonly D[]])[] {
  const [first] = deliveries;
  if (!first) return [];
  const { batch } = first.message;
  if (deliveries.every(({ message }) => message.batch === batch)) return [[batch, deliveries]];
  return [...Map.groupBy(deliveries, ({ message }) => message.batch)];
}

/** A hedge is run once: if that attempt died, the chunk is left to its first message. */
export function isToRun({ message, receives }: Delivery<ChunkMessage>): boolean {
  return message.kind !== "hedge" || receives === 1;
}

/** Whether the delivery has to come again if it was interrupted: a hedge is not made twice. */
export function comesAgain({ message }: ChunkDelivery): boolean {
  return message.kind !== "hedge";
}
