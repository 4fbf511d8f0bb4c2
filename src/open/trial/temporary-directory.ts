/** A state directory that lives as long as one call. */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** It is also deleted if the process exits before. `name`: a part of its name. */
export async function temporaryDirectory(name: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), `fanjoin-${name}-`));
  const options = { recursive: true, force: true, maxRetries: 3 };
  const atExit = (): void => rmSync(path, options);
  process.once("exit", atExit);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, options);
      process.off("exit", atExit);
    },
  };
}
