/** Reloads job files that change while `fanjoin dev` runs. */
import type { Engine } from "../local/engine/engine.ts";
import { versionOf } from "../find-inputs/file-version.ts";

export interface JobFiles {
  /** Whether the file has changed since it was loaded. */
  isChanged(file: string): boolean;
  /** Does nothing while a batch of the job runs. */
  reload(file: string): Promise<void>;
  /** When it was loaded, in milliseconds since the epoch. */
  loadedAt(file: string): number;
}

/** `files` must have just been loaded. */
export function watchedFiles(engine: Pick<Engine, "reload">, files: Iterable<string>): JobFiles {
  const known = new Map(Array.from(files, (file) => [file, versionOf(file)]));
  const times = new Map(Array.from(known.keys(), (file) => [file, Date.now()]));
  return {
    loadedAt: (file) => times.get(file) ?? 0,
    isChanged: (file) => versionOf(file) !== known.get(file),
    async reload(file) {
      const version = versionOf(file);
      if (!(await engine.reload(file))) return;
      known.set(file, version);
      times.set(file, Date.now());
    },
  };
}
