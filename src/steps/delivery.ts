/** A message as it was received. */
import type { ChunkMessage } from "../core/records/message.ts";
export interface Delivery<M> {
  readonly message: M;
  /** How often it was received, this time included. */
  readonly receives: number;
  /** Whether something may have died of it, where more is known than how often it was received. */
  readonly suspect?: boolean;
}

/**
 * The count restarts with every fresh message, so an attempt's number is the message's own plus what this
 * delivery adds.
 */
export function attemptOf({ message, receives }: Delivery<{ readonly attempt: number }>): number {
  return message.attempt + receives - 1;
}

/** Whether something may have died of this chunk before: it is run with care. */
export function isSuspect(delivery: Delivery<{ readonly attempt: number }>): boolean {
  return delivery.suspect ?? attemptOf(delivery) > 1;
}

/**
 * Chunks that something may have died of run alone: if one of them kills what runs it, it takes no others
 * with it.
 */
export function bundlesOf<D extends Delivery<ChunkMessage>>(deliveries: readonly D[]): (readonly D[])[] {
  const suspects = deliveries.filter(isSuspect);
  if (suspects.length === 0) return [deliveries];
  const fresh = deliveries.filter((delivery) => !isSuspect(delivery));
  const alone = suspects.map((delivery) => [delivery]);
  return fresh.length > 0 ? [fresh, ...alone] : alone;
}
