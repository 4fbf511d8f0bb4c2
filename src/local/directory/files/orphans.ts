/** Orphaned files: killed processes left them in the folders of batches, and no record names them. */
import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isBatchId } from "../../records/forms.ts";

/** Ends the name of a file that is not whole yet, after the id of the process that writes it. */
const PART = ".part";

/** The name of a file while this process writes it. Another process may own the directory. */
export function partOf(path: string): string {
  return `${path}.${process.pid}${PART}`;
}

/** Of attempts at the root's join, each under its tag, and of objects that were being written. */
const ORPHANS = /^(result|outputs|failed)-|\.new$|\.part$/;

/**
 * To be called by a new owner of `directory` after the files that records name were published: nothing is
 * under way then. A file that cannot be removed is left: nothing depends on it.
 */
export function removeOrphans(directory: string): void {
  const folder = join(directory, "batches");
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    // A link leads to somebody else's folder.
    if (!entry.isDirectory() || !isBatchId(entry.name)) continue;
    try {
      removeFrom(join(folder, entry.name));
    } catch {
      // Nothing depends on it.
    }
  }
}

function removeFrom(folder: string): void {
  const names = readdirSync(folder);
  const orphans = names.filter((name) => ORPHANS.test(name) && !isBeingWritten(name));
  for (const name of orphans) rmSync(join(folder, name), { force: true, recursive: true });
  // Its batch was never submitted.
  if (orphans.length > 0 && orphans.length === names.length) rmdirSync(folder);
}

/** Whether the process that writes this part of a file still lives. */
function isBeingWritten(name: string): boolean {
  const [, pid] = /\.(\d+)\.part$/.exec(name) ?? [];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    // Then it lives, and is another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
