/** Gives room back for an engine. */
import { createCleanup } from "../directory/cleanup.ts";
import type { Cleanup } from "../directory/cleanup.ts";
import type { Database } from "../sqlite/database.ts";
import type { LocalStore } from "../store/store.ts";
import type { EngineOptions } from "./engine.ts";
import type { JobThreads } from "./running/job-threads.ts";

/** Readers of outputs in the order of their completion need the parts of a batch, and may be slow. */
const PARTS_MS = 10 * 60_000;

export interface EngineCleanupContext {
  readonly options: Pick<EngineOptions, "directory" | "partsMs">;
  readonly database: Pick<Database, "ledger" | "removal">;
  readonly store: LocalStore;
  readonly threads: JobThreads;
  /** Something went wrong that costs nobody anything but room. */
  readonly warn: (error: unknown) => void;
}

export function engineCleanup({ options, database, store, threads, warn }: EngineCleanupContext): Cleanup {
  const { directory, partsMs = PARTS_MS } = options;
  return createCleanup({
    directory,
    ledger: database.ledger,
    removal: database.removal,
    store,
    partsMs,
    now: Date.now,
    onDropped: (folder) => threads.forgetFiles(folder),
    onFailure: warn,
  });
}
