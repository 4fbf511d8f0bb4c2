/** The record that a removed batch leaves in the ledger of a stack. */
import { batchKey, generationOf } from "./batch.ts";
import { NO_LONGER_OPEN, OPEN } from "./open.ts";
import type { Fields, Update } from "../record.ts";

/**
 * Takes a batch that has ended out of sight. A record stays, because late messages may ask whether the batch
 * has ended. It has no names of inputs, no params and no results. `record` is the batch as it was read.
 * `open` keeps it in the sweeper's list, until its objects are removed.
 */
export function removeBatch(batch: string, record: Fields, at: number): Update {
  const { input } = record as unknown as {
    readonly input: { readonly reader: string; readonly of?: string };
  };
  return {
    key: batchKey(batch),
    when: [
      { is: "present", field: "endedAt" },
      { is: "equal", field: "generation", value: generationOf(record) },
    ],
    set: {
      ...OPEN,
      removed: at,
      input: { reader: input.of ?? input.reader, options: {}, sources: [] },
      params: null,
      result: null,
      error: null,
    },
    add: {},
    remove: ["former", "redrive", "news", "report"],
  };
}

/** An object of a removed batch was written meanwhile: the sweeper removes its objects once more. */
export function removeAgain(batch: string): Update {
  return { key: batchKey(batch), when: [{ is: "present", field: "removed" }], set: { ...OPEN }, add: {} };
}

/** Records that nothing is left to remove of a removed batch. */
export function removalEnded(batch: string): Update {
  return {
    key: batchKey(batch),
    when: [{ is: "present", field: "removed" }],
    set: {},
    add: {},
    remove: NO_LONGER_OPEN,
  };
}

/** Whether a batch was removed, so that users no longer see it. */
export function isRemoved(batch: Fields): boolean {
  return batch["removed"] !== undefined;
}
