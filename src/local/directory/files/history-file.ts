/** The history of a batch in the folder of its files. It may be lost: nothing depends on it. */
import { constants, closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHistory } from "../../../core/history/stored-history.ts";
import type { StoredHistory } from "../../../core/history/stored-history.ts";
import { batchFolder, writeBeside } from "./batch-files.ts";
import { NEVER_WAIT, NO_FOLLOW } from "./own-files.ts";

const HISTORY_FILE = "history.json";
/** More is not ours. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Throws what the file system does. */
export function writeHistory(directory: string, batch: string, history: StoredHistory): void {
  writeBeside(directory, batch, HISTORY_FILE, JSON.stringify(history));
}

/** `null` if there is none that can be read. */
export function readHistory(directory: string, batch: string): StoredHistory | null {
  try {
    const fd = openSync(
      join(batchFolder(directory, batch), HISTORY_FILE),
      constants.O_RDONLY | NO_FOLLOW | NEVER_WAIT,
    );
    try {
      const stats = fstatSync(fd);
      return stats.isFile() && stats.size <= MAX_BYTES ? parseHistory(readFileSync(fd, "utf8")) : null;
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
