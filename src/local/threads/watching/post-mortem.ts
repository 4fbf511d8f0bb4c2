/** Finds the item that is to blame for a thread that ended, or had to be ended. */
import type { QuarantineCode } from "../../../core/records/attempts/crash-journal.ts";
import type { Death } from "../../../runner/poison/item-died.ts";
import {
  BEGUN,
  INSIDE,
  OPEN_CHUNK,
  OPEN_ITEM,
  OVERDUE_ITEM,
  OWN,
  PIECES,
  SETTING_UP,
  TURNS,
} from "../../../runner/poison/heartbeat.ts";
import type { Heartbeat } from "../../../runner/poison/heartbeat.ts";
import type { Activity } from "./watchdog.ts";

export interface Evidence {
  readonly reason: string;
  /** `null` in an attempt that was not careful, or if no item was open. */
  readonly death: Death | null;
}

export function activityOf(heartbeat: Heartbeat, running: number): Activity {
  const { [PIECES]: pieces = 0, [BEGUN]: begun = 0, [TURNS]: turns = 0, [INSIDE]: inside = 0 } = heartbeat;
  return { running, pieces, begun, turns, inside: inside > 0 || isSettingUp(heartbeat) };
}

/** The job's `setup` runs: it is to blame if its thread ends now, and no item is. */
export function isSettingUp(heartbeat: Heartbeat): boolean {
  return heartbeat[OWN] === SETTING_UP;
}

/** A thread that has ended by itself. `error`: the message of Node, if there is one. */
export function crashOf(heartbeat: Heartbeat, error: string | null, exitCode: number): Evidence {
  const reason = error ?? `exit code ${exitCode}`;
  const advice = error === null ? ": does it call process.exit?" : "";
  const message = `the item ended the thread that ran it: ${reason}${advice}`;
  return { reason, death: deathOf(heartbeat, "ITEM_CRASHED", { name: "CrashError", message }) };
}

/**
 * A thread that is kept busy. To be asked before it is looked at whether it still is: the next item may just
 * have begun.
 */
export function timeoutOf(heartbeat: Heartbeat, itemTimeoutMs: number): Evidence {
  const reason = `an item kept it busy for more than ${itemTimeoutMs} ms`;
  const message = `process did not finish within ${itemTimeoutMs} ms, and kept its thread busy: the thread was ended`;
  return { reason, death: deathOf(heartbeat, "ITEM_TIMEOUT", { name: "FanjoinError", message }) };
}

/** The same for a thread that `setup` keeps busy. */
export function setupTimeoutOf(setupTimeoutMs: number): Evidence {
  return { reason: `it was kept busy for more than ${Math.round(setupTimeoutMs / 1000)} s`, death: null };
}

function deathOf(heartbeat: Heartbeat, code: QuarantineCode, error: Death["error"]): Death | null {
  const { [OPEN_ITEM]: open = 0, [OPEN_CHUNK]: chunk = 0, [OVERDUE_ITEM]: overdue = 0 } = heartbeat;
  if (overdue > 0) {
    // Perhaps it was this one, whose code went on after its time was up: it is not run again, and then one
    // sees. The open one is not blamed.
    const message = "process did not finish within itemTimeoutMs";
    return { chunk, index: overdue - 1, code: "ITEM_TIMEOUT", error: { name: "FanjoinError", message } };
  }
  return open === 0 || overdue < 0 ? null : { chunk, index: open - 1, code, error };
}
