/** Watches the folder of uploads, and tells of files once they are complete. */
import { relative, sep } from "node:path";
import { watch } from "chokidar";
import { isIgnored } from "./ignored.ts";

/** So long a file has to stay as large as it is. */
const STABLE_MS = 500;
const LOOK_MS = 100;

export interface UploadWatch {
  /** Those that were there from the beginning have been told of. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** `onFile` is given the path of a file below `folder`, with slashes. Files that are there already are told of, too. */
export function watchUploads(
  folder: string,
  onFile: (path: string) => void,
  onError: (error: unknown) => void,
): UploadWatch {
  const below = (path: string): string => relative(folder, path).replaceAll(sep, "/");
  const watcher = watch(folder, {
    ignored: (path) => isIgnored(below(path)),
    awaitWriteFinish: { stabilityThreshold: STABLE_MS, pollInterval: LOOK_MS },
  });
  const ready = new Promise<void>((resolve) => void watcher.once("ready", resolve));
  watcher.on("add", (path) => onFile(below(path)));
  watcher.on("change", (path) => onFile(below(path)));
  watcher.on("error", onError);
  return { ready, close: () => watcher.close() };
}
