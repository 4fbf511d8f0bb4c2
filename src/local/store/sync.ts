/** Makes files, and the names in directories, survive a power cut. */
import { closeSync, fdatasyncSync, fsync, fsyncSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { promisify } from "node:util";

const fsyncLater = promisify(fsync);

/** Files of up to so many bytes are synced at once: asking a thread of the pool would take longer. */
const AT_ONCE_BYTES = 64 * 1024;

/** Syncs what was written to these files, and the names in these directories. */
export async function syncPaths(paths: Iterable<string>): Promise<void> {
  await Promise.all([...paths].map(syncPath));
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, "r").catch(ignoreOnWindows);
  try {
    await file?.datasync().catch(ignoreOnWindows);
  } finally {
    await file?.close();
  }
}

/** Syncs a file of `bytes` bytes that is open for writing. */
export async function syncFile(fd: number, bytes: number): Promise<void> {
  if (bytes <= AT_ONCE_BYTES) fsyncSync(fd);
  else await fsyncLater(fd);
}

/** Syncs the names in a directory, at once. */
export function syncDirectory(path: string): void {
  let fd: number | null = null;
  try {
    fd = openSync(path, "r");
    fdatasyncSync(fd);
  } catch (error) {
    ignoreOnWindows(error);
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** Windows can neither open nor sync a directory, and syncs no file that is open for reading. */
function ignoreOnWindows(error: unknown): null {
  if (process.platform === "win32") return null;
  throw error;
}
