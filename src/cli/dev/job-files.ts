/** Job files that are changed while `fanjoin dev` runs are loaded anew. */
import type { Engine } from "../../local/engine/engine.ts";
import { versionOf } from "./file-version.ts";

export interface JobFiles {
  /** Since it was loaded. */
  isChanged(file: string): boolean;
  /** Unless a batch of it runs. */
  reload(file: string): Promise<void>;
}

/** `files` have just been loaded. */
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
