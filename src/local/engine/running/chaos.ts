/**
 * Disturbs the work of an engine on purpose, from a seed: what the protocol promises has to hold all the
 * same. No item is blamed for it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { chance } from "../../../core/chance.ts";
import type { ThreadPool } from "../../threads/pool/pool-options.ts";

/** How often each kind of disturbance has happened. */
export interface ChaosCounts {
  kills: number;
  repeats: number;
  delays: number;
}

/** Each kill costs the start of a thread. */
const MAX_KILLS = 10;
const MAX_DELAY_MS = 30;
/** A kill comes so long after the work begins, or at once. */
const MAX_KILL_MS = 20;
/** One in so many works is disturbed in each way. */
const RARITY = 3;

/** Disturbs the work of an engine as a seed says: kills threads, repeats chunks, delays them. */
export class Chaos {
  readonly counts: ChaosCounts = { kills: 0, repeats: 0, delays: 0 };
  readonly #random;
  #works = 0;
  /** Kills that have happened, or will. */
  #kills = 0;

  constructor(seed: number) {
    this.#random = chance(seed);
  }

  /** Runs `work`, chunks or a merge in a thread of `pool`. The first work is always disturbed. */
  async disturb<T>(work: () => Promise<T>, pool: Pick<ThreadPool, "killBusy">): Promise<T> {
    const random = this.#random;
    const first = this.#works++ === 0;
    const delays = random.oneIn(RARITY);
    const repeats = random.oneIn(RARITY) || first;
    const kills = (random.oneIn(RARITY) || first) && this.#kills < MAX_KILLS;
    if (kills) this.#kills++;
    const killMs = random.oneIn(2) || first ? 0 : random.below(MAX_KILL_MS);
    if (delays) {
      this.counts.delays++;
      await sleep(1 + random.below(MAX_DELAY_MS));
    }
    if (repeats) {
      this.counts.repeats++;
      await work();
    }
    const running = work();
    if (kills) setTimeout(() => this.#kill(pool), killMs).unref();
    return running;
  }

  #kill(pool: Pick<ThreadPool, "killBusy">): void {
    if (pool.killBusy("--chaos has killed it")) this.counts.kills++;
    else this.#kills--;
  }
}
