/** A temporary directory for one test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryDirectory {
  /** The path of a file in the directory. */
  path(...names: string[]): string;
  remove(): void;
}

export function temporaryDirectory(): TemporaryDirectory {
  const root = mkdtempSync(join(tmpdir(), "fanjoin-"));
  return {
    path: (...names) => join(root, ...names),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
