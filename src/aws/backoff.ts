/** Waiting before a retry. */
import { setTimeout as after } from "node:timers/promises";

const BASE_MS = 50;
const MAX_MS = 5000;

/** Waits after `tries` tries have failed, before the next one. */
export type Backoff = (tries: number) => Promise<void>;

/**
 * Exponential backoff with full jitter: workers that were throttled at the same moment do not all retry at
 * the same moment. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(tries: number, random: number): number {
  return random * Math.min(MAX_MS, BASE_MS * 2 ** tries);
}

/** The default backoff: waits `backoffMs` with a random number of its own. */
export const fullJitter: Backoff = async (tries) => {
  await after(backoffMs(tries, Math.random()));
};
