/**
 * Uncaught errors: each fails its own item, or is logged. None ends the thread, and none fails a neighbour.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Logger } from "../../job/job.ts";
import type { ItemJournal, OpenItem } from "../../runner/poison/open-item.ts";
import { OPEN_ITEM, OVERDUE_ITEM } from "../../runner/poison/heartbeat.ts";
import type { Heartbeat } from "../../runner/poison/heartbeat.ts";
import { judgeStrayError } from "../../runner/poison/stray-error.ts";
import type { ThreadJournal } from "./thread-journal.ts";

export interface StrayErrors {
  /**
   * The journal that notes the open item; `null` in the engine's own process, whose death is not evidence.
   */
  readonly file: ThreadJournal | null;
  readonly heartbeat: Heartbeat;
  readonly log: Logger;
  /** The attempt that runs cannot tell whose the error is: a careful one has to be made. */
  readonly breakOff: (error: Error) => void;
}

/** Returns the journal by which a careful attempt attributes errors to items. */
export function listenForStrayErrors({ file, heartbeat, log, breakOff }: StrayErrors): ItemJournal {
  const items = new AsyncLocalStorage<OpenItem>();
  const stray = (what: string) => (thrown: unknown) =>
    judgeStrayError({ item: items.getStore() ?? null, thrown, what }, { heartbeat, log, breakOff });
  process.on("uncaughtException", stray("an error that nobody caught"));
  process.on("unhandledRejection", stray("a rejection that nobody handled"));
  /** The chunk that a careful attempt is made at. */
  let current: ChunkMessage | null = null;
  const exit = process.exit.bind(process);
  // An item may call it long after it has ended, while a neighbour is open: it is to be blamed.
  process.exit = (code) => {
    const item = items.getStore();
    if (item) {
      heartbeat[OPEN_ITEM] = item.message === current ? item.index + 1 : 0;
      heartbeat[OVERDUE_ITEM] = 0;
    }
    return exit(code);
  };
  return {
    note: (item) => file?.item(item?.index ?? null),
    suspend: () => file?.item(null),
    within(item, run) {
      current = item.message;
      return items.run(item, run);
    },
  };
}
