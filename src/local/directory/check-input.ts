/** Refuses an input that is not the one a batch was planned from. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { ObjectStore } from "../../ports.ts";
import type { Source } from "../../input/reader.ts";
import type { BatchSpec } from "../../batch/spec.ts";

/** Throws `INPUT_NOT_FOUND`, `INPUT_CHANGED`. */
export async function checkInput(store: Pick<ObjectStore, "read">, { input }: BatchSpec): Promise<void> {
  for (const source of input.sources) if (source.name !== "") await checkSource(store, source);
}

async function checkSource(
  store: Pick<ObjectStore, "read">,
  { name, label, version }: Source,
): Promise<void> {
  try {
    await store.read(name, 0, 0, version)[Symbol.asyncIterator]().next();
  } catch (error) {
    if (!(error instanceof FanjoinError)) throw error;
    // An input that cannot be read is a failed item, before and after.
    if (error.code !== "INPUT_INVALID") throw explained(label, error);
  }
}

function explained(label: string, cause: FanjoinError): FanjoinError {
  const { code } = cause;
  if (code === "INPUT_NOT_FOUND")
    return new FanjoinError(code, `the input ${label} is gone: put it back, then try again`, { cause });
  if (code !== "INPUT_CHANGED") return cause;
  return new FanjoinError(
    code,
    `the input ${label} is not the one that the batch was planned from: put that one back, or run a new batch`,
    { cause },
  );
}
