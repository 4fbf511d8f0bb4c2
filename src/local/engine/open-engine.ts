/** Opens the engine of a directory: takes its lock, and repairs what a crash left behind. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { countIdleTime, lastOwned } from "../directory/idle-time.ts";
import { removeOrphans } from "../directory/files/orphans.ts";
import { takeLock } from "../directory/lock.ts";
import { countProcessDeaths } from "../threads/watching/process-deaths.ts";
import { repair } from "../directory/files/publish.ts";
import { EmbeddedEngine } from "./embedded-engine.ts";
import type { Engine, EngineOptions } from "./engine.ts";

/** Every file is on disk after this time, synced or not: systems write what is dirty within a minute. */
const UNSYNCED_MS = 10 * 60_000;

/** Throws `DIRECTORY_IN_USE` naming the process that holds the directory, `DIRECTORY_UNUSABLE`. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { directory } = options;
  const lock = takeLock(directory);
  if ("heldBy" in lock) {
    const { pid, since, command } = lock.heldBy;
    throw new FanjoinError(
      "DIRECTORY_IN_USE",
      `${directory} is in use by process ${pid} (${command}, since ${since}): \`fanjoin watch\` follows its batch, \`fanjoin cancel\` ends it; to run another one now, give another --dir`,
    );
  }
  let engine: Engine | null = null;
  try {
    const opened = new EmbeddedEngine(options, lock);
    engine = opened;
    const ownedAt = await lastOwned(engine.ledger);
    await repair(directory, engine.ledger, ownedAt === null ? Infinity : ownedAt - UNSYNCED_MS);
    // A file that cannot be removed is left to the next owner: nothing depends on it.
    await opened.cleanup.repair().catch(() => undefined);
    await countIdleTime(engine.ledger, Date.now());
    removeOrphans(directory);
    await countProcessDeaths(directory, engine.ledger, () => opened.committed());
    return engine;
  } catch (error) {
    await engine?.stop().catch(() => undefined);
    lock.release();
    throw error;
  }
}
