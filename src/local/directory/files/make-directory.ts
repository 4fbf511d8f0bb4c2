/** Makes directories with those above them. */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * An existing directory stays as it is. Node's `recursive` tries for ever where a file system answers
 * `ENOENT` below a directory that exists, as `/proc` does.
 */
export function makeDirectory(path: string, mode = 0o777): void {
  if (made(path, mode)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent, mode);
  mkdirIfMissing(path, mode);
}

/** False if the directory above may be missing. */
function made(path: string, mode: number): boolean {
  try {
    mkdirIfMissing(path, mode);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

function mkdirIfMissing(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // A root that exists may also be read-only, or refuse in another way.
    if (!isDirectory(path)) throw error;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
