/** When a batch that has not ended is ended. */
import { batchKey } from "../batch.ts";
import type { Fields, Update } from "../../record.ts";

/**
 * In milliseconds since the epoch. It moves by the time in which nobody could work on the batch, or was to.
 */
export function deadlineOf({ deadlineAt, idleMs = 0 }: Fields): number {
  return Number(deadlineAt) + Number(idleMs);
}

/** Moves the deadline of a batch by a time in which no process could work on it. Not in a pause. */
export function addIdleTime(batch: string, ms: number): Update {
  const absent = ["endedAt", "paused"].map((field) => ({ is: "absent", field }) as const);
  return {
    key: batchKey(batch),
    when: [{ is: "existing" }, ...absent],
    set: {},
    add: { idleMs: ms },
  };
}
