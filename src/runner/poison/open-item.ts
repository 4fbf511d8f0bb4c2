import type { ChunkMessage } from "../../core/records/message.ts";

/** An item of a careful attempt. */
export interface OpenItem {
  readonly message: ChunkMessage;
  /** From 0, within its chunk. */
  readonly index: number;
  /** Its source, and where it is there, for a log. */
  readonly place: string;
  /** It has its outcome. */
  readonly over: boolean;
  /** An error that nobody caught has come from its code. */
  fail(thrown: unknown): void;
}

/** What a machine does for the open item. */
export interface ItemJournal {
  /**
   * Notes it where that survives this process; `null` when it is closed. An item is not begun before it is
   * noted.
   */
  note(item: OpenItem | null): void | Promise<void>;
  /** Calls `run`; whatever comes of it later is known to be of `item`. */
  within<T>(item: OpenItem, run: () => T): T;
}
