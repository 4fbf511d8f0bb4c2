/**
 * Server-sent events about one batch: a snapshot, then what changes, at most four times a second, until it
 * ends. https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import { changeBetween } from "./snapshot.ts";
import type { BatchSnapshot } from "./snapshot.ts";

export const EVENT_STREAM_TYPE = "text/event-stream";

const MIN_PAUSE_MS = 250;
/** Of the time of one process, viewers together with their batch take a tenth. */
const PAUSE_SHARE = 9;
const FAILURES_MS = 1000;
/** A connection that is silent for long may be closed by what is in between. */
const SILENT_MS = 15_000;
/** After this time a browser asks again. */
const RETRY_MS = 1000;
export const POLL_MS = 2000;

export interface EventSourceOptions {
  /** Throws once the batch is gone. */
  readonly snapshot: () => Promise<BatchSnapshot>;
  /** Milliseconds, of any beginning. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** One snapshot; the browser asks again after `POLL_MS`. */
export function oneEvent(snapshot: BatchSnapshot): string {
  const end = hasEnded(snapshot) ? event("end", {}) : "";
  return `retry: ${POLL_MS}\n\n${event("snapshot", snapshot)}${end}`;
}

/** `first` is sent at once. */
export async function* eventStream(
  first: BatchSnapshot,
  { snapshot, now, sleep }: EventSourceOptions,
): AsyncGenerator<string> {
  let last = first;
  let saidAt = now();
  let failuresAt = saidAt;
  yield `retry: ${RETRY_MS}\n\n${event("snapshot", first)}`;
  for (let tookMs = 0; !hasEnded(last);) {
    await sleep(Math.max(MIN_PAUSE_MS, tookMs * PAUSE_SHARE));
    const beganAt = now();
    const next = await snapshot();
    tookMs = now() - beganAt;
    const failures = hasEnded(next) || beganAt - failuresAt >= FAILURES_MS;
    const change = changeBetween(last, next, { failures });
    if (change) yield event("change", change);
    else if (beganAt - saidAt >= SILENT_MS) yield ": still here\n\n";
    else continue;
    saidAt = beganAt;
    if (change?.failures) failuresAt = beganAt;
    // Changes that were not sent are found by the next comparison.
    last = failures ? next : { ...next, failures: last.failures };
  }
  yield event("end", {});
}

function hasEnded({ summary }: BatchSnapshot): boolean {
  return summary.endedAt !== null;
}

/** JSON has no line ends. */
function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
