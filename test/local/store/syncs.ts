/** Records what is synced to disk. */
import fs, { readlinkSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const SYNCS = ["fsyncSync", "fdatasyncSync"] as const;

/** Descriptors have names only here. */
export const NAMES_DESCRIPTORS = fs.existsSync("/proc/self/fd");

/** The paths that are synced at once while `action` runs. They are synced as always. */
export async function syncsOf(action: () => Promise<unknown>): Promise<string[]> {
  const paths: string[] = [];
  const originals = SYNCS.map((name) => [name, fs[name]] as const);
  for (const [name, original] of originals) {
    fs[name] = (fd) => {
      paths.push(readlinkSync(`/proc/self/fd/${fd}`));
      original(fd);
    };
  }
  syncBuiltinESMExports();
  try {
    await action();
  } finally {
    Object.assign(fs, Object.fromEntries(originals));
    syncBuiltinESMExports();
  }
  return paths;
}

/** The files below `folder` that this process has open now. */
export function openFilesIn(folder: string): string[] {
  return fs
    .readdirSync("/proc/self/fd")
    .map((fd) => targetOf(`/proc/self/fd/${fd}`))
    .filter((path) => path?.startsWith(folder) === true) as string[];
}

function targetOf(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    // The descriptor that the folder was listed with.
    return null;
  }
}
