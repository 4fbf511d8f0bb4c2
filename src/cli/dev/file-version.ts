/** What tells a file from what it was before. */
import { statSync } from "node:fs";
import { statOf } from "../../local/store/open-file.ts";

/** `null` if it is not there. */
export function versionOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? statOf(stats).version : null;
}
