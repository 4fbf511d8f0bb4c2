/**
 * Pausing a batch, and going on with it. While `paused` is in its record, chunks are acknowledged unrun and
 * no planner goes on; joins do. `launch` counts how often everything was to be sent again, and `relaunched`
 * is the newest of these that is done: where they differ, the coordinator sends again what has no tag.
 */
import { batchKey, isEnding } from "./batch.ts";
import type { Fields, Update } from "../record.ts";

/** Refused if the batch has ended, is to end, or is paused already. `at`: now. */
export function pauseBatch(batch: string, at: number): Update {
  const absent = ["endedAt", "ending", "paused"].map((field) => ({ is: "absent", field }) as const);
  return { key: batchKey(batch), when: [{ is: "existing" }, ...absent], set: { paused: at }, add: {} };
}

/**
 * Goes on with a paused batch, whose `record` was read before: its messages are to be sent again, and its
 * deadline moves by the pause. Refused if it is not in that pause any more.
 */
export function resumeBatch(batch: string, { paused }: Fields, at: number): Update {
  const since = Number(paused);
  const absent = ["endedAt", "ending"].map((field) => ({ is: "absent", field }) as const);
  return {
    key: batchKey(batch),
    when: [{ is: "equal", field: "paused", value: since }, ...absent],
    set: {},
    add: { launch: 1, idleMs: Math.max(0, at - since) },
    remove: ["paused"],
  };
}

/** A batch that is to end is not held back by a pause. */
export function isPaused(batch: Fields): boolean {
  return batch["paused"] !== undefined && !isEnding(batch);
}

/** How often the messages of this generation were to be sent again: once after each pause. */
export function launchOf(batch: Fields): number {
  return Number(batch["launch"] ?? 0);
}

/** Whether the messages are to be sent again, and nobody has recorded yet that they were. */
export function isToRelaunch(batch: Fields): boolean {
  return launchOf(batch) !== Number(batch["relaunched"] ?? 0);
}

/** Records that everything without a tag was sent again for `launch`. Refused after a later pause. */
export function relaunched(batch: string, generation: number, launch: number): Update {
  return {
    key: batchKey(batch),
    when: [
      { is: "equal", field: "generation", value: generation },
      { is: "equal", field: "launch", value: launch },
      { is: "absent", field: "endedAt" },
    ],
    set: { relaunched: launch },
    add: {},
  };
}
