/** The database of an engine's directory. */
import { join } from "node:path";
import type { Clock } from "../../ports.ts";
import { STATE_FILE } from "../directory/files/own-files.ts";
import { openDatabase } from "../sqlite/database.ts";
import type { Database } from "../sqlite/database.ts";
import type { EngineOptions } from "./engine.ts";

/**
 * In this process each delivery is acknowledged or released when its promise settles. So none has to come
 * back by time: a planner waits as long as its batch runs, and a chunk may take hours. It is less than the
 * longest wait of a timer (2^31 ms).
 */
const VISIBILITY_MS = 20 * 24 * 60 * 60 * 1000;

export interface EngineDatabaseOptions extends Pick<EngineOptions, "directory" | "synchronous"> {
  readonly clock: Clock;
  /** Syncs the files that the next commit may name. Only called with `full`. */
  readonly sync: () => Promise<void>;
  readonly onFailure: (error: Error) => void;
}

export function openEngineDatabase(options: EngineDatabaseOptions): Database {
  const { directory, synchronous = "full", clock, sync, onFailure } = options;
  const never = VISIBILITY_MS;
  return openDatabase({
    file: join(directory, STATE_FILE),
    synchronous,
    clock,
    ...(synchronous === "full" ? { beforeCommit: sync } : {}),
    onFailure,
    queue: { visibilityMs: { coordinator: never, worker: never, join: never, "dead-letter": never } },
  });
}
