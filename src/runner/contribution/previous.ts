/** In a redrive: what chunks contributed before. */
import { contributionName } from "../../core/records/contribution.ts";
import type { Contribution, Contributions } from "../../core/records/contribution.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { ObjectStore } from "../../ports.ts";
import type { ChunksRequest } from "../runner.ts";
import { loadBody } from "./body.ts";

/** `null` for a chunk that was left out. */
export type PreviousOf = (message: ChunkMessage) => Promise<Contribution | null>;

/** Reads each body once: the chunks of a bundle lie in one. */
export function previousContributions(
  store: ObjectStore,
  bodies: NonNullable<ChunksRequest["previousBodies"]>,
): PreviousOf {
  const loaded = new Map<string, Promise<Contributions>>();
  return async (message) => {
    const { former } = message;
    const body = former === undefined ? undefined : bodies[former];
    if (former === undefined || !body) return null;
    const contributions = loaded.get(former) ?? loadBody(store, body);
    loaded.set(former, contributions);
    return (await contributions)[contributionName(message)] ?? null;
  };
}
