/** The open item of a careful attempt, and the journal that outlives it. */
import type { ChunkMessage } from "../../core/records/message.ts";

/** An item of a careful attempt, from its beginning until its outcome is joined. */
export interface OpenItem {
  readonly message: ChunkMessage;
  /** From 0, within its chunk. */
  readonly index: number;
  /** Its source and its place there, for logs. */
  readonly place: string;
  /** Its outcome is settled. */
  readonly over: boolean;
  /** Fails the item: an uncaught error has come from its code. */
  fail(thrown: unknown): void;
}

/** Keeps a careful attempt's open item where it survives the attempt. */
export interface ItemJournal {
  /** Notes the open item; `null` when it is closed. The item begins after this resolves. */
  note(item: OpenItem | null): void | Promise<void>;
  /** The open item waits for its next call: until it is noted again, no code of it runs. */
  suspend(): void | Promise<void>;
  /** Calls `run`, and attributes its later errors to `item`. */
  within<T>(item: OpenItem, run: () => T): T;
}
