/** Chunks that a limit has no calls for: when they come again. */
import type { ChunkMessage } from "../../core/records/message.ts";

/**
 * The longest delay, in seconds, if calls may be had before. While all chunks that are left lie in the queue,
 * nobody uses the limit.
 */
const MAX_BACKOFF_S = 5;

/**
 * How long the message is delayed. `at`: when there may be calls for it, in milliseconds since the epoch. A
 * chunk that was given back often waits longer, so that most messages lie still. Chunks that were given back
 * together come at different times. In whole seconds: messages of one delay are one request.
 */
export function delayOf({ chunk, waits = 0 }: ChunkMessage, at: number, now: number): number {
  const backoff = Math.min(MAX_BACKOFF_S, 2 ** waits);
  return 1000 * Math.max(backoff - (chunk % backoff), Math.ceil((at - now) / 1000));
}

export function givenBack(message: ChunkMessage): ChunkMessage {
  return { ...message, waits: (message.waits ?? 0) + 1 };
}
