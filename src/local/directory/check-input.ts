/** Refuses an input that is not the one a batch was planned from. */
import { FanjoinError } from "../../core/errors.ts";
import type { ObjectStore } from "../../ports.ts";
import type { BatchSpec } from "../../batch/spec.ts";

/** Throws `INPUT_NOT_FOUND`, `INPUT_CHANGED`. */
export async function checkInput(store: Pick<ObjectStore, "stat">, { input }: BatchSpec): Promise<void> {
  for (const { name, label, version } of input.sources) {
    if (name === "") continue;
    const stat = await store.stat(name);
    if (!stat) {
      throw new FanjoinError("INPUT_NOT_FOUND", `the input ${label} is gone: put it back, then try again`);
    }
    if (stat.version === version) continue;
    throw new FanjoinError(
      "INPUT_CHANGED",
      `the input ${label} is not the one that the batch was planned from: put that one back, or run a new batch`,
    );
  }
}
