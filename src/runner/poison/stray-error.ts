/**
 * An error that nobody caught: it is its item's, or is logged. It ends nothing, and is taken for no
 * neighbour's.
 */
import type { Logger } from "../../job/job.ts";
import { describeError } from "../describe-error.ts";
import type { OpenItem } from "./open-item.ts";
import { IN_FLIGHT, isOpen } from "./heartbeat.ts";
import type { Heartbeat } from "./heartbeat.ts";

export interface StrayError {
  /** Whose code it comes from; `null` where that cannot be told, as in an attempt that is not careful. */
  readonly item: OpenItem | null;
  readonly thrown: unknown;
  /** For messages: what the error is. */
  readonly what: string;
}

export interface StrayHost {
  readonly heartbeat: Heartbeat;
  readonly log: Logger;
  /** The attempt that runs cannot tell whose the error is: a careful one has to be made. */
  readonly breakOff: (error: Error) => void;
}

export function judgeStrayError(
  { item, thrown, what }: StrayError,
  { heartbeat, log, breakOff }: StrayHost,
): void {
  const { name, message } = describeError(thrown);
  const text = `${what}: ${name}: ${message}`;
  if (item && !item.over) item.fail(thrown);
  else if (item) log.warn(`${item.place} had ended when it left ${text}`);
  else if (heartbeat[IN_FLIGHT] !== 0 && !isOpen(heartbeat)) breakOff(new Error(`an item left ${text}`));
  else log.warn(`an item that had ended left ${text}`);
}
