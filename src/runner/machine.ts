import type { ChunkMessage } from "../core/records/message.ts";
import type { Job, Logger } from "../job/job.ts";
import type { ObjectStore } from "../ports.ts";
import type { ItemJournal } from "./poison/open-item.ts";
import type { Slots } from "./chunk/slots.ts";
import type { Heartbeat } from "./poison/heartbeat.ts";

export interface Machine {
  readonly job: Job;
  readonly store: ObjectStore;
  readonly log: Logger;
  /** Aborted when running work is not wanted any more. */
  readonly signal: () => AbortSignal;
  /** The same, for code that never waits and so never sees a signal fire. */
  readonly interrupted: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  /** Where the items that run can be seen, if anybody looks. */
  readonly heartbeat?: Heartbeat;
  /** What outlives this process, or tells whose late errors are. */
  readonly journal?: ItemJournal;
  /** Where time is short, and nobody else looks whether it is up. */
  readonly timeBudget?: Hours;
  /** What the items of one chunk log with, if that is not `log`. */
  readonly logOf?: (message: ChunkMessage) => Logger;
}

/** The time that a machine has for what it runs now. */
export interface Hours {
  /** In milliseconds since the epoch. */
  endsAt(): number;
  /** Lets the event loop turn, if it is time for that; else `null`. */
  readonly yieldToEventLoop: () => Promise<void> | null;
}

/** A machine whose chunks share its slots. */
export interface SharedMachine extends Machine {
  readonly heartbeat: Heartbeat;
  readonly slots: Slots;
}
