/** What the owner of a directory looks after besides its messages, five times a second. */
import type { Clock, Ledger } from "../../ports.ts";
import { takeRequests } from "./directory.ts";
import type { OwnerRequest } from "./directory.ts";
import { aliveNotes } from "./idle-time.ts";

const CHECK_MS = 200;

export interface DirectoryWatchOptions {
  readonly directory: string;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** The batches that are worked on, and have not ended. */
  readonly batches: () => readonly string[];
  /** Whether any batch has been worked on. */
  readonly hasWorked: () => boolean;
  /** Does what another process asked for. */
  readonly carryOut: (request: OwnerRequest) => Promise<unknown>;
  /** Ends a batch whose deadline has passed. */
  readonly sweep: (batch: string) => Promise<void>;
  /** Nothing can be made durable any more. */
  readonly onFailure: (error: unknown) => void;
}

/** Returns a function that stops watching. It may be called once the work has stopped. */
export function watchDirectory(options: DirectoryWatchOptions): () => Promise<void> {
  const { directory, ledger, clock, batches, hasWorked, carryOut, sweep, onFailure } = options;
  const notes = aliveNotes(ledger);

  async function check(): Promise<void> {
    try {
      for (const request of takeRequests(directory)) await carryOut(request);
      for (const batch of batches()) await sweep(batch);
      if (hasWorked()) await notes.soon(clock.now());
    } catch (error) {
      onFailure(error);
    }
  }

  const checking = setInterval(() => void check(), CHECK_MS);
  return async () => {
    clearInterval(checking);
    if (hasWorked()) await notes.last(clock.now());
  };
}
