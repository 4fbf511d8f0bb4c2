/** The word, tone and shape of each state: one word everywhere, and never colour alone. */
import type { BatchState } from "../../core/records/batch/batch.ts";

export type Tone = "ok" | "bad" | "warn" | "busy" | "quiet";

export interface StateWords {
  readonly word: string;
  readonly tone: Tone;
  /** Before the title of the browser's tab. */
  readonly mark: string;
}

const STATES: { readonly [State in BatchState]: StateWords } = {
  planning: { word: "Planning", tone: "busy", mark: "" },
  running: { word: "Running", tone: "busy", mark: "" },
  cancelling: { word: "Ending", tone: "busy", mark: "" },
  paused: { word: "Paused", tone: "quiet", mark: "" },
  interrupted: { word: "Interrupted", tone: "warn", mark: "!" },
  succeeded: { word: "Succeeded", tone: "ok", mark: "✓" },
  "completed-with-failures": { word: "Completed with failures", tone: "warn", mark: "!" },
  failed: { word: "Failed", tone: "bad", mark: "✕" },
  cancelled: { word: "Cancelled", tone: "quiet", mark: "✕" },
};

/** A state of a newer fanjoin is shown as it is written. */
export function wordsOf(state: BatchState): StateWords {
  const known: { readonly [state: string]: StateWords } = STATES;
  return known[state] ?? { word: state, tone: "quiet", mark: "" };
}

const WORKING: ReadonlySet<string> = new Set(["planning", "running", "cancelling", "paused"]);
const ENDED: ReadonlySet<string> = new Set(["succeeded", "completed-with-failures", "failed", "cancelled"]);

/** It stands under "Working now". */
export function isWorking(state: BatchState): boolean {
  return WORKING.has(state);
}

export function hasEnded(state: BatchState): boolean {
  return ENDED.has(state);
}

/** Something goes on in it: its times count. */
export function isMoving(state: BatchState): boolean {
  return isWorking(state) && state !== "paused";
}
