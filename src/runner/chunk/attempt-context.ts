/** The context of one attempt at one chunk. */
import type { LatencySketch } from "../../core/history/latency.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import { MAX_PARTS } from "../../core/records/split.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import type { ObjectStore } from "../../ports.ts";
import type { SharedMachine } from "../machine.ts";
import type { Slots } from "../slots/slots.ts";
import type { SlotLease } from "../slots/slot-lease.ts";
import type { Heartbeat } from "../poison/heartbeat.ts";
import type { ChunksRequest } from "../runner.ts";
import { sleep } from "../sleep.ts";
import type { OvertakenWatch } from "../overtaken.ts";
import type { LimitedGate, Postponement } from "../limits/limited-gate.ts";
import { CarefulAttempt } from "./careful-attempt.ts";
import type { Cutting } from "./cutting/cutting.ts";
import type { LargeValues } from "../contribution/value-blocks.ts";
import type { ResultRules } from "./chunk-result.ts";
import type { ChunkContext } from "../item/item-context.ts";

export interface AttemptContext extends ChunkContext, ResultRules {
  readonly spec: BatchSpec;
  readonly message: ChunkMessage;
  readonly store: ObjectStore;
  /** Whether no further item begins. */
  readonly interrupted: () => boolean;
  /** Whether items that run are not waited for, either. */
  readonly abandoned: () => boolean;
  readonly heartbeat: Heartbeat;
  readonly slots: Slots;
  readonly lease: SlotLease;
  /** Chunks of the request share the thread: the next one begins while items of this one are awaited. */
  readonly overlaps: boolean;
  /** Called when all items have begun, if some are still awaited. */
  readonly onDraining: () => void;
  /** One item at a time; `null`: as the job says. */
  readonly careful: CarefulAttempt | null;
  /**
   * Set on a platform with a time limit: then interruption is checked after every item, and the event loop
   * may turn.
   */
  readonly yieldToEventLoop: (() => Promise<void> | null) | null;
  /** `undefined`: values are kept in one piece. */
  readonly largeValues: LargeValues | undefined;
  /** `null`: the chunk is not cut. */
  readonly cutting: Cutting | null;
  readonly gate: LimitedGate | null;
}

/** Whether the chunks of a request share the slots of their thread. */
export function overlaps({ options }: SharedMachine["job"], careful: ChunksRequest["careful"]): boolean {
  return options.concurrency > 1 && careful === null;
}

/** The part of the context that a runner decides anew for each attempt. */
export type AttemptOptions = ResultRules &
  Pick<AttemptContext, "params" | "own" | "onDraining"> & {
    /** Takes the times of the items that are awaited. */
    readonly latency: LatencySketch | null;
    /** Where the chunk can be given back until later. */
    readonly postponement?: Postponement | undefined;
    /** Stops the attempt when another one has settled the chunk; `null`: the batch does not hedge. */
    readonly watch?: OvertakenWatch | null;
  };

/** Made once for each attempt, in this one place, so that all contexts have one hidden class. */
export function attemptContext(
  machine: SharedMachine,
  { spec, careful }: ChunksRequest,
  message: ChunkMessage,
  { params, own, strict, guarded, onDraining, latency, postponement, watch = null }: AttemptOptions,
): AttemptContext {
  const { job, store, now, random, heartbeat, slots, timeBudget, journal = null } = machine;
  const { signal, interrupted } = stopOf(machine, watch);
  const known = careful?.get(message.chunk);
  const lease = known ? slots.lease(1) : slots.lease();
  lease.latency = latency;
  const { reproduces } = spec;
  const { cutting, leavesUntil, gate } = waitingOf(machine, spec, message, { postponement, watch });
  const label = labelOf(spec, message);
  const place = reproduces?.chunks[message.chunk] ?? message;
  return {
    job,
    params,
    own,
    // A reproduction has the keys and the positions of what it reproduces.
    batch: reproduces?.batch ?? spec.batch,
    source: place.source,
    label,
    chunk: place.chunk,
    log: machine.logOf?.(message) ?? machine.log,
    signal,
    deadlineAt: Math.min(spec.deadlineAt, timeBudget?.endsAt() ?? Infinity),
    leavesUntil,
    waitedMs: message.waitedMs ?? 0,
    now,
    random,
    sleep: machine.sleep ?? sleep,
    // A careful attempt has one open item: nothing else runs while that waits.
    aside: known ? null : lease,
    gate,
    spec,
    message,
    store,
    interrupted: gate === null ? interrupted : () => gate.isPostponed || interrupted(),
    abandoned: interrupted,
    heartbeat,
    slots,
    lease,
    overlaps: overlaps(job, careful),
    onDraining,
    careful: known ? new CarefulAttempt({ message, label, known, heartbeat, journal }) : null,
    strict,
    guarded,
    largeValues: machine.largeValues,
    yieldToEventLoop: timeBudget?.yieldToEventLoop ?? null,
    cutting,
  };
}

/** The text of a reproduction is that of whole chunks. A hedge is done as a whole, or not at all. */
function cuttingOf(
  { cutting }: SharedMachine,
  { reproduces }: BatchSpec,
  { kind }: ChunkMessage,
  watch: OvertakenWatch | null,
): Cutting | null {
  if (!cutting || reproduces || kind === "hedge") return null;
  return watch === null ? cutting : { ...cutting, mayCut: () => !watch.isOvertaken() && cutting.mayCut() };
}

/** What stops the attempt, for code that waits and for code that does not. */
function stopOf(
  machine: SharedMachine,
  watch: OvertakenWatch | null,
): Pick<AttemptContext, "signal" | "interrupted"> {
  const { interrupted } = machine;
  if (watch === null) return { signal: machine.signal(), interrupted };
  return { signal: watch.signal, interrupted: () => watch.isOvertaken() || interrupted() };
}

function labelOf({ input }: BatchSpec, { source }: ChunkMessage): string {
  return input.sources[source]?.label ?? "";
}

/** What may become of items that have to wait: of the context the part that follows from it. */
function waitingOf(
  machine: SharedMachine,
  spec: BatchSpec,
  message: ChunkMessage,
  {
    postponement,
    watch,
  }: { readonly postponement: Postponement | undefined; readonly watch: OvertakenWatch | null },
): Pick<AttemptContext, "cutting" | "leavesUntil"> & { readonly gate: LimitedGate | null } {
  const own = cuttingOf(machine, spec, message, watch);
  const divides = own !== null && mayDivide(message);
  const cameBack = message.waits !== undefined;
  const givingBack = postponement ? { postponement, divides, cameBack } : null;
  const gate = machine.limits?.gateFor(spec, givingBack) ?? null;
  return { cutting: own, gate, leavesUntil: divides && postponement ? spec.deadlineAt : null };
}

/**
 * Whether what waits may be cut off. Parts are bounded: of a chunk that has many, functions wait for the
 * rest.
 */
function mayDivide(message: ChunkMessage): boolean {
  return message.run === undefined && (message.kind !== "part" || message.part < MAX_PARTS / 2);
}
