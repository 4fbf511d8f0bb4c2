/** Watches the folder of uploads, and reports files once they are complete. */
import { lstatSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { watch } from "chokidar";
import { statOf } from "../../local/store/open-file.ts";
import { isIgnored } from "./ignored.ts";

/** A file is complete once it has not changed for this time. */
const STABLE_MS = 1000;
const POLL_MS = 200;

export interface UploadWatch {
  close(): Promise<void>;
}

/** A file that may still be written to. */
interface GrowingFile {
  version: string;
  sinceMs: number;
}

/** The version of a file or a link; `null` if there is none. */
function versionAt(path: string): string | null {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? statOf(stats).version : null;
}

/**
 * Calls `onFile` with paths relative to `folder`, with slashes. Existing files are reported too. The waiting
 * is done here because chokidar's own (`awaitWriteFinish`) covers only files that arrive later.
 */
export function watchUploads(
  folder: string,
  onFile: (path: string) => void,
  onError: (error: unknown) => void,
): UploadWatch {
  const below = (path: string): string => relative(folder, path).replaceAll(sep, "/");
  const growing = new Map<string, GrowingFile>();
  const changed = (path: string): void => {
    growing.set(below(path), { version: "", sinceMs: performance.now() });
  };

  function reportStableFiles(): void {
    for (const [path, known] of growing) {
      const version = versionAt(join(folder, path));
      const now = performance.now();
      if (version === null) growing.delete(path);
      else if (version !== known.version) growing.set(path, { version, sinceMs: now });
      else if (now - known.sinceMs >= STABLE_MS) {
        growing.delete(path);
        onFile(path);
      }
    }
  }

  const watcher = watch(folder, {
    ignored: (path) => isIgnored(below(path)),
    // A link is reported as a file. Following two links to their own folder would never end.
    followSymlinks: false,
  });
  watcher.on("add", changed).on("change", changed).on("error", onError);
  const polling = setInterval(reportStableFiles, POLL_MS);
  return {
    async close() {
      clearInterval(polling);
      await watcher.close();
    },
  };
}
