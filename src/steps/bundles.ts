/** Which of the chunks that arrive together run together. */
import type { ChunkMessage } from "../core/message.ts";
import { isSuspect } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";

/** Chunks that something may have died of run alone: if one of them kills what runs it, it takes no others with it. */
export function bundlesOf<D extends Delivery<ChunkMessage>>(deliveries: readonly D[]): (readonly D[])[] {
  const suspects = deliveries.filter(isSuspect);
  if (suspects.length === 0) return [deliveries];
  const fresh = deliveries.filter((delivery) => !isSuspect(delivery));
  const alone = suspects.map((delivery) => [delivery]);
  return fresh.length > 0 ? [fresh, ...alone] : alone;
}
