/** Pauses in the explored world: the commands of people, and when they give them. */
import { hasEnded, isEnding } from "../../../../src/core/records/batch/batch.ts";
import { isPaused, pauseBatch, resumeBatch } from "../../../../src/core/records/batch/pausing.ts";
import type { Task } from "../../../../src/core/protocol/task.ts";
import type { Update } from "../../../../src/core/records/record.ts";
import { BATCH, batchOf } from "../../batch-of.ts";
import type { Move } from "../world/moves.ts";
import type { State } from "../world/world.ts";

const NOTHING: Task = { do: "send", queue: "coordinator", messages: [] };

export function pauseTask(): Task {
  return { do: "keep", keep: pauseBatch(BATCH, 0), then: [NOTHING], otherwise: NOTHING };
}

/** The update of the command that goes on with the batch, as it reads it. */
export function resumeUpdate(state: State): Update {
  return resumeBatch(BATCH, batchOf(state), 0);
}

/** Makes the move of a person who gives a command. */
type Command = (state: State, kind: "pause" | "resume") => Move;

/** A batch that may be paused, is: that is a fault of bounded number. */
export function pauses(state: State, command: Command): Move[] {
  const { left } = state;
  const batch = batchOf(state);
  if (left.pause === 0 || hasEnded(batch) || isEnding(batch) || isPaused(batch)) return [];
  const paused = command({ ...state, left: { ...left, pause: left.pause - 1 } }, "pause");
  return [{ ...paused, fault: true }];
}

/** A paused batch can be resumed at any time. */
export function resumes(state: State, command: Command): Move[] {
  const batch = batchOf(state);
  return hasEnded(batch) || !isPaused(batch) ? [] : [command(state, "resume")];
}
