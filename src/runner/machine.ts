/** The parts that a runner is built from: a job, a store, and the process or thread that it runs in. */
import type { ChunkMessage } from "../core/records/message.ts";
import type { Job, Logger } from "../job/job.ts";
import type { ObjectStore } from "../ports.ts";
import type { ItemJournal } from "./poison/open-item.ts";
import type { Cutting } from "./chunk/cutting/cutting.ts";
import type { LimitSource, RunnerLimits } from "./limits/runner-limits.ts";
import type { Overtaken } from "./overtaken.ts";
import type { Heartbeat } from "./poison/heartbeat.ts";
import type { LargeValues } from "./contribution/value-blocks.ts";
import type { Slots } from "./slots/slots.ts";
import type { TimeBudget } from "./time-budget.ts";

export interface Machine {
  readonly job: Job;
  readonly store: ObjectStore;
  readonly log: Logger;
  /** The signal for the running work: aborted when that is no longer wanted. */
  readonly signal: () => AbortSignal;
  /** Whether the running work is no longer wanted. For code that never waits: it never sees a signal fire. */
  readonly interrupted: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  /** Absent: limits are not kept. */
  readonly limits?: LimitSource | undefined;
  /** Waits before another try of an item. Only tests of a job give another one. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Where a watchdog can see the running items, if there is one. */
  readonly heartbeat?: Heartbeat;
  /** Survives this process, or attributes late errors to their item. */
  readonly journal?: ItemJournal;
  /** On a platform with a time limit, where no other thread watches the time. */
  readonly timeBudget?: Pick<TimeBudget, "endsAt" | "isOver" | "yieldToEventLoop">;
  /**
   * Chunks that are done are handed over after so many milliseconds, though others of their request still
   * run; `SETTLE_AFTER_MS` by default.
   */
  readonly settleAfterMs?: number;
  /** When joined values are kept in blocks; absent: never. */
  readonly largeValues?: LargeValues | undefined;
  /** When a chunk is cut that runs too long; absent: never. */
  readonly cutting?: Cutting;
  /** The chunks that other attempts have settled; absent: no batch hedges. */
  readonly overtaken?: Overtaken;
  /** How long the job's `setup` may take, in milliseconds; a minute by default. */
  readonly setupTimeoutMs?: number | undefined;
  /** The logger for the items of one chunk, if that is not `log`. */
  readonly logOf?: (message: ChunkMessage) => Logger;
}

/** A machine whose chunks share its slots and its part of the limits. */
export interface SharedMachine extends Omit<Machine, "limits"> {
  readonly limits: RunnerLimits | null;
  readonly heartbeat: Heartbeat;
  readonly slots: Slots;
}
