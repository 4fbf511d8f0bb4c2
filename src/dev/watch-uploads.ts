/** Watches the folder of uploads, and reports files once they are complete. */
import { isUtf8 } from "node:buffer";
import { lstatSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { watch } from "chokidar";
import { statOf } from "../local/store/open-file.ts";
import { entriesOf, shownName } from "../find-inputs/directory-files.ts";
import { isIgnored } from "../find-inputs/ignored.ts";

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

/** The version of a file or a link; `null` if there is none, or if its folder may no longer be entered. */
function versionAt(path: string, onError: (error: unknown) => void): string | null {
  try {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stats ? statOf(stats).version : null;
  } catch (error) {
    onError(error);
    return null;
  }
}

export interface UploadEvents {
  /** The path of a complete file relative to the folder, with slashes. */
  readonly onFile: (path: string) => void;
  readonly onError: (error: unknown) => void;
  /** How many hidden and unfinished files and folders are there at the start. */
  readonly onIgnored: (count: number) => void;
  /** A file whose name is not UTF-8, as messages show it. */
  readonly onMisnamed: (path: string) => void;
}

/**
 * Existing files are reported too. The waiting is done here because chokidar's own (`awaitWriteFinish`)
 * covers only files that arrive later.
 */
export function watchUploads(folder: string, events: UploadEvents): UploadWatch {
  const { onFile, onError } = events;
  const below = (path: string): string => relative(folder, path).replaceAll(sep, "/");
  const growing = new Map<string, GrowingFile>();
  const changed = (path: string): void => {
    growing.set(below(path), { version: "", sinceMs: performance.now() });
  };

  function reportStableFiles(): void {
    for (const [path, known] of growing) {
      const version = versionAt(join(folder, path), onError);
      const now = performance.now();
      if (version === null) growing.delete(path);
      else if (version !== known.version) growing.set(path, { version, sinceMs: now });
      else if (now - known.sinceMs >= STABLE_MS) {
        growing.delete(path);
        onFile(path);
      }
    }
  }

  let ignored: Set<string> | null = new Set();
  const watcher = watch(folder, {
    ignored(path) {
      if (!isIgnored(below(path))) return false;
      ignored?.add(path);
      return true;
    },
    // A link is reported as a file. Following two links to their own folder would never end.
    followSymlinks: false,
  });
  watcher.on("add", changed).on("change", changed).on("error", onError);
  watcher.on("ready", () => {
    if (ignored?.size) events.onIgnored(ignored.size);
    ignored = null;
  });
  const misnamed = new Set<string>();
  const findMisnamed = (): void => {
    for (const path of misnamedIn(folder)) {
      if (misnamed.has(path)) continue;
      misnamed.add(path);
      events.onMisnamed(path);
    }
  };
  // Chokidar passes by what it cannot find under the name that Node makes of such bytes.
  watcher.on("ready", findMisnamed).on("raw", (_event, path) => {
    if (path?.includes(REPLACED)) findMisnamed();
  });
  const polling = setInterval(reportStableFiles, POLL_MS);
  return {
    async close() {
      clearInterval(polling);
      await watcher.close();
    },
  };
}

/** Node puts this in place of bytes that are not UTF-8. */
const REPLACED = "\u{FFFD}";

function misnamedIn(folder: string): string[] {
  return entriesIn(folder).flatMap((entry) => {
    const name = entry.name.toString();
    if (isIgnored(name)) return [];
    if (!isUtf8(entry.name)) return [join(folder, shownName(entry.name))];
    return entry.isDirectory() ? misnamedIn(join(folder, name)) : [];
  });
}

/** None if the folder cannot be read: chokidar reports that. */
function entriesIn(folder: string): ReturnType<typeof entriesOf> {
  try {
    return entriesOf(folder);
  } catch {
    return [];
  }
}
