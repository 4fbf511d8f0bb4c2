/** Reloads job files that change while `fanjoin dev` runs. */
import type { Engine } from "../local/engine/engine.ts";
import { versionOf } from "../find-inputs/file-version.ts";

export interface JobFiles {
  /** Whether the file has changed since it was loaded. */
  isChanged(file: string): boolean;
  /** Does nothing while a batch of the job runs. */
  reload(file: string): Promise<void>;
}

/** `files` must have just been loaded. */
export function watchedFiles(engine: Pick<Engine, "reload">, files: Iterable<string>): JobFiles {
  const known = new Map(Array.from(files, (file) => [file, versionOf(file)]));
  return {
    isChanged: (file) => versionOf(file) !== known.get(file),
    async reload(file) {
      const version = versionOf(file);
      if (await engine.reload(file)) known.set(file, version);
    },
  };
}
