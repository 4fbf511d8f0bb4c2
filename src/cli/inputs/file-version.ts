/** The version of a local file, which changes with its content. */
import { statSync } from "node:fs";
import { statOf } from "../../local/store/open-file.ts";

/** `null` if the file does not exist. */
export function versionOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? statOf(stats).version : null;
}
