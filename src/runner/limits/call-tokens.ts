/**
 * The calls that one thread or function may make under a rate limit. Items wait here in turn; the calls are
 * leased from the limit's record, as many at once as were made lately.
 */
import { AHEAD_MS } from "../../core/limits/rate-limit.ts";
import type { CallLease, CallsWanted, LeaseAnswer } from "../../core/limits/rate-limit.ts";
import { NativePromise } from "../../core/native-promise.ts";

/** Where calls are leased: the engine, or the ledger. */
export interface CallLeases {
  /** Never rejects. */
  lease(wanted: CallsWanted): Promise<LeaseAnswer>;
  /** Nobody makes calls for so long. Never rejects. */
  pause(ms: number): Promise<void>;
}

export interface CallTokensOptions {
  readonly leases: CallLeases;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A lease has as many calls as were made in so long. Longer ones cost fewer updates. */
  readonly leaseMs: number;
}

interface Waiter {
  /** Asked before a longer wait: true if the item does not wait until then. */
  readonly leaves: (until: number) => boolean;
  readonly resolve: (mayCall: boolean) => void;
}

/** The weight of the newest lease in the pace of calls. */
const WEIGHT = 0.5;
/** A lease of so many calls is used up soon. */
const MANY_CALLS = 10;
/** A service that asks every item to wait pauses the limit once in this time. */
const PAUSE_EVERY_MS = 1000;

export class CallTokens {
  readonly #options: CallTokensOptions;
  readonly #waiters = new Set<Waiter>();
  #lease: CallLease | null = null;
  /** Calls of the lease that are made, or have lapsed. */
  #used = 0;
  /** The lease after this one, which is asked for before this one is used up. */
  #next: CallLease | null = null;
  #coming: Promise<void> | null = null;
  #serving = false;
  /** Calls of each millisecond, lately. */
  #pace = 0;
  #made = 0;
  #leasedAt = 0;
  /** How long calls are on their way here; 0 as long as they come in time. */
  #wayMs = 0;
  #pausedAt = -Infinity;
  /** Ends a sleep when the lease is dropped, or nobody waits any more. */
  #waking = new AbortController();

  constructor(options: CallTokensOptions) {
    this.#options = options;
  }

  /** Resolves when one call may be made; with false once `signal` fires, or if the item leaves. */
  take(signal: AbortSignal, leaves: Waiter["leaves"] = never): Promise<boolean> {
    if (signal.aborted) return NativePromise.resolve(false);
    return new NativePromise((resolve) => {
      const interrupted = (): void => this.#settle(waiter, false);
      const waiter: Waiter = {
        leaves,
        resolve: (mayCall) => {
          signal.removeEventListener("abort", interrupted);
          resolve(mayCall);
        },
      };
      signal.addEventListener("abort", interrupted);
      this.#waiters.add(waiter);
      if (!this.#serving) void this.#serve();
    });
  }

  /** Gives up the calls that are leased here, and pauses the limit for everybody. */
  pause(ms: number): void {
    const now = this.#options.now();
    if (now - this.#pausedAt < PAUSE_EVERY_MS) return;
    this.#pausedAt = now;
    this.#lease = null;
    this.#next = null;
    // The calls that are leased meanwhile are not paused: the service will ask again.
    void this.#options.leases.pause(ms);
    this.#wake();
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    // Items that begin together are counted together.
    await NativePromise.resolve();
    while (this.#waiters.size > 0) {
      const at = this.#nextCallAt();
      if (at === null) await this.#renew();
      else if (at > this.#options.now()) await this.#sleepUntil(at);
      else this.#admitNext();
    }
    this.#serving = false;
  }

  /** When the next call may be made, or could have been. `null`: no call is leased. Skips what has lapsed. */
  #nextCallAt(): number | null {
    const lease = this.#lease;
    if (!lease) return null;
    const oldest = this.#options.now() - lease.late;
    for (; this.#used < lease.calls; this.#used++) {
      const at = lease.from + this.#used * lease.every;
      if (at > oldest) return at;
    }
    return null;
  }

  #admitNext(): void {
    const [first] = this.#waiters;
    if (!first) return;
    this.#used++;
    this.#made++;
    this.#settle(first, true);
    this.#askAhead();
  }

  /**
   * Asks for the next lease while the current one is used, so that no time is lost between two of them. Not
   * at low rates: there a lease lasts long, and would be kept from others.
   */
  #askAhead(): void {
    const lease = this.#lease;
    if (!lease || lease.calls < MANY_CALLS || this.#used * 2 < lease.calls) return;
    if (this.#next || this.#coming) return;
    const asked = this.#pausedAt;
    this.#coming = this.#ask().then((answer) => {
      this.#coming = null;
      if (!("retryAt" in answer) && asked === this.#pausedAt) this.#next = answer;
    });
  }

  async #ask(): Promise<LeaseAnswer> {
    const { leases, leaseMs, now } = this.#options;
    const askedAt = now();
    this.#learn(askedAt);
    const calls = Math.max(this.#waiters.size, Math.ceil(this.#pace * leaseMs));
    const answer = await leases.lease({ calls, wayMs: this.#wayMs });
    if (!("retryAt" in answer)) this.#learnWay(answer, now() - askedAt);
    return answer;
  }

  /** Without it, calls that are longer on their way than they may be late would lapse again and again. */
  #learnWay({ from, late }: CallLease, ms: number): void {
    const hasLapsed = from + late <= this.#options.now();
    this.#wayMs = Math.min(ms, hasLapsed ? AHEAD_MS : this.#wayMs);
  }

  async #renew(): Promise<void> {
    if (this.#coming) await this.#coming;
    const answer = this.#next ?? (await this.#ask());
    this.#next = null;
    if (!("retryAt" in answer)) {
      this.#lease = answer;
      this.#used = 0;
      return;
    }
    this.#lease = null;
    for (const waiter of this.#waiters) {
      if (waiter.leaves(answer.retryAt)) this.#settle(waiter, false);
    }
    if (this.#waiters.size > 0) await this.#sleepUntil(answer.retryAt);
  }

  #learn(now: number): void {
    const ms = now - this.#leasedAt;
    if (ms <= 0) return;
    this.#pace = this.#pace * (1 - WEIGHT) + (this.#made / ms) * WEIGHT;
    this.#made = 0;
    this.#leasedAt = now;
  }

  async #sleepUntil(at: number): Promise<void> {
    const { sleep, now } = this.#options;
    if (this.#waking.signal.aborted) this.#waking = new AbortController();
    // A clock that is set back makes no wait longer than the lease was.
    await sleep(Math.max(1, Math.min(at - now(), MAX_SLEEP_MS)), this.#waking.signal);
  }

  #settle(waiter: Waiter, mayCall: boolean): void {
    if (!this.#waiters.delete(waiter)) return;
    waiter.resolve(mayCall);
    if (this.#waiters.size === 0) this.#wake();
  }

  #wake(): void {
    this.#waking.abort();
  }
}

/** After so long the time is looked at again. */
const MAX_SLEEP_MS = 5000;

function never(): boolean {
  return false;
}
