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
  #lease: RoomLease | null = null;
  #asking: Promise<void> | null = null;
  #taken = 0;

  constructor(options: LeasedRoomOptions) {
    this.#options = options;
  }

  async take(signal: AbortSignal, leaves: (until: number) => boolean): Promise<boolean> {
    while (!signal.aborted) {
      if (!this.#lease) {
        this.#asking ??= this.#ask().finally(() => (this.#asking = null));
        await this.#asking;
        if (this.#lease || signal.aborted) continue;
        const { ports, sleep } = this.#options;
        if (leaves(ports.clock.now() + AGAIN_MS)) return false;
        await sleep(AGAIN_MS, signal);
      } else if (this.#taken < this.#lease.calls) {
        this.#taken++;
        return true;
      } else await this.#change(signal);
    }
    return false;
  }

  free(): void {
    this.#taken--;
    for (const wake of this.#waiting) wake();
  }

  /** The invocation ends: others may have the room. The rest of it lapses. */
  async giveBack(): Promise<void> {
    const lease = this.#lease;
    this.#lease = null;
    const { ports, batch } = this.#options;
    if (lease) await ports.ledger.update(giveRoomBack(batch, lease)).catch(() => undefined);
  }

  async #ask(): Promise<void> {
    try {
      this.#lease = await this.#leased();
    } catch (error) {
      this.#options.breakOff(error);
    }
  }

  /** `null`: there is no room. */
  async #leased(): Promise<RoomLease | null> {
    const { ports, batch, limit, wanted, newTag, until } = this.#options;
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
