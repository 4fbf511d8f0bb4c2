/** Limits of a simulated batch, in a time of its own, and what they have to keep to. */
import { chance } from "../../src/core/chance.ts";
import type { Chance } from "../../src/core/chance.ts";
import type { KeyedRateLimit } from "../../src/core/limits/limits.ts";
import { manualClock } from "../memory/clock.ts";
import type { ManualClock } from "../memory/clock.ts";
import { mostInASecond } from "../most-in-a-second.ts";

interface SimulatedLimits {
  readonly rateLimit: KeyedRateLimit;
  readonly inFlight: number | null;
  readonly concurrency: number;
}

function limitsFrom(random: Chance): SimulatedLimits {
  return {
    rateLimit: { perSecond: 5 + random.below(60), burst: 1 + random.below(6), key: null },
    inFlight: random.oneIn(2) ? 1 + random.below(6) : null,
    concurrency: 1 + random.below(5),
  };
}

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/** Everything that waits for time. Time moves only when the simulation says so. */
export class Alarms {
  readonly #clock: ManualClock;
  readonly #alarms = new Set<Alarm>();

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#alarms.size === 0;
  }

  readonly after = (ms: number, ring: () => void): void => {
    this.#alarms.add({ at: this.#clock.now() + Math.max(0, ms), ring });
  };

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const ring = (): void => {
        this.#alarms.delete(alarm);
        resolve();
      };
      const alarm = { at: this.#clock.now() + Math.max(0, ms), ring };
      this.#alarms.add(alarm);
      if (signal.aborted) ring();
      signal.addEventListener("abort", ring, { once: true });
    });

  /** Moves the time to the next alarm. */
  next(): void {
    const at = Math.min(...[...this.#alarms].map((alarm) => alarm.at));
    this.#clock.advance(Math.max(0, at - this.#clock.now()));
    for (const alarm of this.#alarms) {
      if (alarm.at > this.#clock.now()) continue;
      this.#alarms.delete(alarm);
      alarm.ring();
    }
  }
}

/** The calls of `process`, as the service that it calls would see them. */
class LimitedCalls {
  readonly #times: number[] = [];
  #inFlight = 0;
  mostInFlight = 0;

  async during(now: number, call: () => Promise<unknown>): Promise<unknown> {
    this.#times.push(now);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.#inFlight);
    try {
      return await call();
    } finally {
      this.#inFlight--;
    }
  }

  get mostInASecond(): number {
    return mostInASecond(this.#times);
  }

  /** Throws if a limit was exceeded. */
  check({ rateLimit: { perSecond, burst }, inFlight }: SimulatedLimits): void {
    const { mostInASecond: most, mostInFlight } = this;
    if (most > perSecond + burst)
      throw new Error(`${most} calls in a second, of ${perSecond} and a burst of ${burst}`);
    if (mostInFlight > (inFlight ?? Infinity))
      throw new Error(`${mostInFlight} calls in flight, of ${inFlight}`);
  }
}

/** Calls that take time, and limits of them, which are checked when `reached` is asked for. */
export function limitedCalls(seed: number) {
  // Of its own, so that the other seeds stay as they were.
  const random = chance(2 ** 30 + seed);
  const limits = limitsFrom(random);
  const clock = manualClock();
  const alarms = new Alarms(clock);
  const calls = new LimitedCalls();
  const { rateLimit, inFlight } = limits;
  const { sleep, after } = alarms;
  const room = inFlight === null ? {} : { inFlight };
  return {
    limits,
    alarms,
    limited: { clock, sleep, after, rateLimit, ...room },
    /** A call ends with its attempt: of code that goes on after that nothing is promised. */
    during: (call: () => unknown, signal: AbortSignal): Promise<unknown> =>
      calls.during(clock.now(), async () => {
        await sleep(random.below(300), signal);
        return call();
      }),
    reached(): { readonly atRate: number; readonly atRoom: number } {
      calls.check(limits);
      return {
        atRate: calls.mostInASecond >= rateLimit.perSecond ? 1 : 0,
        atRoom: calls.mostInFlight === inFlight ? 1 : 0,
      };
    },
  };
}
