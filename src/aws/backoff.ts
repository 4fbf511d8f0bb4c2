/** How long to wait before something that was refused for the moment is tried again. */
import { setTimeout as after } from "node:timers/promises";

const BASE_MS = 50;
const MOST_MS = 5000;

/** Waits before try number `tries` (1 for the second try). */
export type Pause = (tries: number) => Promise<void>;

/**
 * Exponential backoff with full jitter, so that a thousand workers that were throttled together do not come
 * back together: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function pauseMs(tries: number, random: number): number {
  return random * Math.min(MOST_MS, BASE_MS * 2 ** tries);
}

export const pause: Pause = async (tries) => {
  await after(pauseMs(tries, Math.random()));
};
