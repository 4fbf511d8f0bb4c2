/** Refuses an input that is not the one a batch was planned from. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { ObjectStore } from "../../ports.ts";
import type { Source } from "../../input/reader.ts";
import { NativePromise } from "../../core/native-promise.ts";
import { sourcesOf } from "../../batch/sources.ts";
import type { BatchSpec } from "../../batch/spec.ts";

/** Throws `INPUT_NOT_FOUND`, `INPUT_CHANGED`. */
export async function checkInput(store: ObjectStore, { input }: BatchSpec): Promise<void> {
  const sources = sourcesOf(input, store);
  if (input.list !== undefined) await checkSource(store, { label: "list", ...input.list });
  for (let number = 0; number < sources.count; number++) {
    const found = sources.at(number);
    // A list is read some hundred sources at a time.
    const source = found instanceof NativePromise ? await found : found;
    if (source && source.name !== "") await checkSource(store, source);
  }
}

async function checkSource(
  store: Pick<ObjectStore, "read">,
  { name, label, version }: Pick<Source, "name" | "label" | "version">,
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
