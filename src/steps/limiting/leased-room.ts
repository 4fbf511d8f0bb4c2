/** The room for calls in flight that one invocation has leased from the ledger, and its items share. */
import { giveRoomBack, lapsedLeases, roomIn, takeRoom } from "../../core/limits/in-flight.ts";
import type { RoomLease } from "../../core/limits/in-flight.ts";
import type { Fields } from "../../core/records/record.ts";
import { NativePromise } from "../../core/native-promise.ts";
import type { InFlight } from "../../runner/limits/limited-gate.ts";
import type { LimiterPorts } from "./lease-calls.ts";

export interface LeasedRoomOptions {
  readonly ports: LimiterPorts;
  readonly batch: string;
  /** As it is now: limits may be changed while a batch runs. */
  readonly limit: () => number;
  /** How many calls the invocation makes at once. */
  readonly wanted: number;
  readonly newTag: () => string;
  /** When the platform ends the invocation, in milliseconds since the epoch. */
  readonly until: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends the running attempt: the ledger has failed, and no item is to blame. */
  readonly breakOff: (error: unknown) => void;
}

/** Where there is no room, it is asked for again after this. */
const AGAIN_MS = 1000;
const MAX_TRIES = 5;

export class LeasedRoom implements InFlight {
  readonly #options: LeasedRoomOptions;
  readonly #waiting = new Set<() => void>();
  #leases: readonly RoomLease[] = [];
  /** The limit when room was last asked for. */
  #askedUnder = 0;
  #asking: Promise<void> | null = null;
  #taken = 0;
  #isClosed = false;

  constructor(options: LeasedRoomOptions) {
    this.#options = options;
  }

  async take(signal: AbortSignal, leaves: (until: number) => boolean): Promise<boolean> {
    while (!signal.aborted && !this.#isClosed) {
      const limit = this.#options.limit();
      const isLower = limit < this.#askedUnder;
      if (this.#asking || this.#isDue(limit)) {
        this.#asking ??= this.#ask(isLower).finally(() => (this.#asking = null));
        await this.#asking;
        if (this.#room > 0 || signal.aborted || this.#isClosed) continue;
        const { ports, sleep } = this.#options;
        if (leaves(ports.clock.now() + AGAIN_MS)) return false;
        await sleep(AGAIN_MS, signal);
      } else if (this.#taken < this.#room && !isLower) {
        this.#taken++;
        return true;
      } else await this.#change(signal);
    }
    return false;
  }

  free(): void {
    this.#taken--;
    this.limitChanged();
  }

  /** The limit may be another one. */
  limitChanged(): void {
    for (const wake of this.#waiting) wake();
  }

  /** The invocation ends: nothing takes room any more, and others may have what there is. Never rejects. */
  async giveBack(): Promise<void> {
    this.#isClosed = true;
    this.limitChanged();
    await this.#asking;
    await this.#giveBack();
  }

  /** What cannot be given back lapses. */
  async #giveBack(): Promise<void> {
    const leases = this.#leases;
    this.#leases = [];
    const { ports, batch } = this.#options;
    for (const lease of leases) await ports.ledger.update(giveRoomBack(batch, lease)).catch(() => undefined);
  }

  get #room(): number {
    return this.#leases.reduce((sum, { calls }) => sum + calls, 0);
  }

  /**
   * Whether room is to be asked for. Under a lower limit all calls end first: how much of it is left for this
   * invocation, the record says.
   */
  #isDue(limit: number): boolean {
    if (this.#room === 0) return true;
    if (limit < this.#askedUnder) return this.#taken === 0;
    return limit > this.#askedUnder && this.#taken >= this.#room && this.#room < this.#options.wanted;
  }

  /** `anew`: what was leased under a higher limit is given back before. */
  async #ask(anew: boolean): Promise<void> {
    try {
      if (anew) await this.#giveBack();
      this.#askedUnder = this.#options.limit();
      const lease = await this.#leased();
      if (lease) this.#leases = [...this.#leases, lease];
    } catch (error) {
      this.#options.breakOff(error);
    }
  }

  /** `null`: there is no more room. */
  async #leased(): Promise<RoomLease | null> {
    const { ports, batch, limit, newTag, until } = this.#options;
    const wanted = this.#options.wanted - this.#room;
    let record: Fields | null = null;
    let calls = Math.min(wanted, limit());
    for (let tries = 0; tries < MAX_TRIES && calls > 0; tries++) {
      const lease = { tag: newTag(), calls, until: Math.ceil(until()) };
      const taken = await ports.ledger.update(takeRoom(batch, limit(), lease, record));
      if (taken.applied) return lease;
      ({ record } = taken);
      for (const lapsed of lapsedLeases(record, ports.clock.now()))
        ({ record } = await ports.ledger.update(giveRoomBack(batch, lapsed)));
      calls = Math.min(wanted, roomIn(record, limit()));
    }
    return null;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new NativePromise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }
}
