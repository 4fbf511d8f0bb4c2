/** Watches the folder of uploads, and tells of files once they are complete. */
import { join, relative, sep } from "node:path";
import { watch } from "chokidar";
import { versionOf } from "./file-version.ts";
import { isIgnored } from "./ignored.ts";

/** So long a file has to stay as it is. */
const STABLE_MS = 1000;
const LOOK_MS = 200;

export interface UploadWatch {
  close(): Promise<void>;
}

/** A file that was seen, and may still be written to. */
interface Growing {
  version: string;
  sinceMs: number;
}

/**
 * `onFile` is given the path of a file below `folder`, with slashes. Files that are there already are told
 * of, too: those chokidar itself would not wait for (`awaitWriteFinish` is for what arrives later), so the
 * waiting is done here.
 */
export function watchUploads(
  folder: string,
  onFile: (path: string) => void,
  onError: (error: unknown) => void,
): UploadWatch {
  const below = (path: string): string => relative(folder, path).replaceAll(sep, "/");
  const growing = new Map<string, Growing>();
  const seen = (path: string): void => {
    growing.set(below(path), { version: "", sinceMs: performance.now() });
  };

  function look(): void {
    for (const [path, known] of growing) {
      const version = versionOf(join(folder, path));
      const now = performance.now();
      if (version === null) growing.delete(path);
      else if (version !== known.version) growing.set(path, { version, sinceMs: now });
      else if (now - known.sinceMs >= STABLE_MS) {
        growing.delete(path);
        onFile(path);
      }
    }
  }

  const watcher = watch(folder, { ignored: (path) => isIgnored(below(path)) });
  watcher.on("add", seen).on("change", seen).on("error", onError);
  const looking = setInterval(look, LOOK_MS);
  return {
    async close() {
      clearInterval(looking);
      await watcher.close();
    },
  };
}
