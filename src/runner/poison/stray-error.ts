/**
 * An error that no code caught. It fails its item, breaks the attempt off, or is logged. It never ends the
 * process, and is never blamed on another item.
 */
import { fullText } from "../../core/errors/described-error.ts";
import type { Logger } from "../../job/job.ts";
import { describeError } from "../describe-error.ts";
import type { OpenItem } from "./open-item.ts";
import { IN_FLIGHT, isOpen } from "./heartbeat.ts";
import type { Heartbeat } from "./heartbeat.ts";

export interface StrayError {
  /** The item whose code it comes from; `null` if that is unknown, as in an attempt that is not careful. */
  readonly item: OpenItem | null;
  readonly thrown: unknown;
  /** The kind of error, for messages. */
  readonly what: string;
}

/** Where stray errors arrive: one thread, or one process. */
export interface StrayErrorHost {
  readonly heartbeat: Heartbeat;
  readonly log: Logger;
  /** Ends the running attempt, because the error may be any item's: a careful attempt has to follow. */
  readonly breakOff: (error: Error) => void;
}

export function judgeStrayError(
  { item, thrown, what }: StrayError,
  { heartbeat, log, breakOff }: StrayErrorHost,
): void {
  const text = `${what}: ${fullText(describeError(thrown))}`;
  if (item && !item.over) item.fail(thrown);
  else if (item) log.warn(`${item.place} had ended when it left ${text}`);
  else if (heartbeat[IN_FLIGHT] !== 0 && !isOpen(heartbeat)) breakOff(new Error(`an item left ${text}`));
  else log.warn(`an item that had ended left ${text}`);
}
