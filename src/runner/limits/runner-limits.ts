/** The limits of the batches that one thread or function runs. */
import type { BatchSpec } from "../../batch/spec.ts";
import type { BatchLimits } from "../../core/limits/limits.ts";
import type { Machine } from "../machine.ts";
import { sleep as realSleep } from "../sleep.ts";
import { AdaptiveCalls } from "./adaptive-calls.ts";
import { CallTokens } from "./call-tokens.ts";
import type { CallLeases } from "./call-tokens.ts";
import { LimitedGate } from "./limited-gate.ts";
import type { GivingBack, InFlight } from "./limited-gate.ts";

/** Where a runner gets its share of the limits. */
export interface LimitSource {
  /** The limits of a batch as they are now: they may have been changed since its spec was read. */
  limitsOf(spec: BatchSpec): BatchLimits;
  /** `spec`: asked for with every lease, because limits may be changed while a batch runs. */
  leasesOf(spec: () => BatchSpec): CallLeases;
  /** `null`: something else keeps the calls in flight within their limit. */
  inFlightOf(spec: BatchSpec): InFlight | null;
  /** A lease has as many calls as were made in so long. */
  readonly leaseMs: number;
  /** Whether chunks can be given back until later. */
  readonly postpones: boolean;
}

/** Batches whose calls are remembered. A runner works on few at a time. */
const MAX_BATCHES = 16;

export class RunnerLimits {
  readonly #source: LimitSource;
  readonly #now: () => number;
  readonly #sleep: NonNullable<Machine["sleep"]>;
  /** By batch. */
  readonly #adaptive = new Map<string, AdaptiveCalls>();
  readonly #concurrency: number;
  /** By batch. */
  readonly #tokens = new Map<string, { readonly tokens: CallTokens; spec: BatchSpec }>();

  constructor(source: LimitSource, { job, now, sleep = realSleep }: Pick<Machine, "job" | "now" | "sleep">) {
    this.#concurrency = job.options.concurrency;
    this.#source = source;
    this.#now = now;
    this.#sleep = sleep;
  }

  get postpones(): boolean {
    return this.#source.postpones;
  }

  /** The gate for one attempt at a chunk of the batch; `null` if the batch has no limits. */
  gateFor(spec: BatchSpec, givingBack: GivingBack | null): LimitedGate | null {
    const { rateLimit, inFlight: room, adaptive: adapts } = this.#source.limitsOf(spec);
    if (rateLimit === undefined && room === undefined && adapts !== true) return null;
    const tokens = rateLimit ? this.#tokensOf(spec) : null;
    const inFlight = room === undefined ? null : this.#source.inFlightOf(spec);
    const adaptive = adapts === true ? this.#adaptiveOf(spec.batch) : null;
    return new LimitedGate({ tokens, inFlight, adaptive, givingBack, now: this.#now });
  }

  #adaptiveOf(batch: string): AdaptiveCalls {
    const known = this.#adaptive.get(batch);
    if (known) return known;
    const made = new AdaptiveCalls(this.#concurrency);
    this.#adaptive.set(batch, made);
    forgetOldest(this.#adaptive);
    return made;
  }

  #tokensOf(spec: BatchSpec): CallTokens {
    const known = this.#tokens.get(spec.batch);
    if (known) {
      known.spec = spec;
      return known.tokens;
    }
    const { leaseMs } = this.#source;
    const leases = this.#source.leasesOf(() => made.spec);
    const made = { spec, tokens: new CallTokens({ leases, now: this.#now, sleep: this.#sleep, leaseMs }) };
    this.#tokens.set(spec.batch, made);
    forgetOldest(this.#tokens);
    return made.tokens;
  }
}

function forgetOldest(ofBatches: Map<string, unknown>): void {
  const [oldest] = ofBatches.keys();
  if (ofBatches.size > MAX_BATCHES && oldest !== undefined) ofBatches.delete(oldest);
}
