/** Where a path leads, through links. */
import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";

/** Whether `path` is `directory` or below it. Neither has to exist. */
export function isWithin(path: string, directory: string): boolean {
  return ended(realPath(path)).startsWith(ended(realPath(directory)));
}

function ended(path: string): string {
  return path.endsWith(sep) ? path : `${path}${sep}`;
}

/** Links are followed as far as the path exists. */
function realPath(path: string): string {
  const full = resolve(path);
  try {
    return realpathSync(full);
  } catch {
    const parent = dirname(full);
    return parent === full ? full : join(realPath(parent), basename(full));
  }
}
