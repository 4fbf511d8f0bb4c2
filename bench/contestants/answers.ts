/** How the server of `bench io` answers a request, by the number in it. */

/** `even`: every request waits as long. `uneven`: some wait much longer. `flaky`: some are refused, too. */
export type Service = "even" | "uneven" | "flaky";

export interface Answer {
  readonly ms: number;
  /** Seconds of `Retry-After`; absent: the number itself is answered. */
  readonly retryAfter?: number;
}

/** How long the even service takes. */
export const WAIT_MS = 50;
const QUICK_MS = 20;
const SLOW_MS = 1000;
/** One item in so many is slow. */
const SLOW_EVERY = 50;
/** 2.5 % of the flaky service's first answers are 429. */
const REFUSED_EVERY = 40;
const HANG_MS = 4000;
const HANGS_EVERY = 997;
/** None hangs near the end: no contestant could do anything else meanwhile. */
const HANGS_BELOW = 7000;

/** `attempt`: from 1. */
export function answerOf(service: Service, n: number, attempt: number): Answer {
  switch (service) {
    case "even":
      return { ms: WAIT_MS };
    case "uneven":
      return { ms: n % SLOW_EVERY === SLOW_EVERY / 2 ? SLOW_MS : QUICK_MS };
    case "flaky": {
      // 10 to 30 ms, in no order.
      const ms = 10 + ((n * 7919 + attempt * 104_729) % 21);
      if (attempt === 1 && (n * 7907) % REFUSED_EVERY === 0) return { ms, retryAfter: 1 };
      return n % HANGS_EVERY === HANGS_EVERY / 2 - 0.5 && n < HANGS_BELOW ? { ms: HANG_MS } : { ms };
    }
  }
}

/** The waiting of `items` requests of one service after the other, each until it is answered, in ms. */
export function waitingOf(service: Service, items: number): number {
  let sum = 0;
  for (let n = 0; n < items; n++) {
    const { ms, retryAfter = 0 } = answerOf(service, n, 1);
    sum += ms + retryAfter * 1000;
    if (retryAfter > 0) sum += answerOf(service, n, 2).ms;
  }
  return sum;
}
