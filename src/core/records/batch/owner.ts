/** Which process works on a batch, on one machine. */
import { batchKey } from "./batch.ts";
import type { Fields, Update } from "../record.ts";

/** Records which process works on a batch that has not ended. Only on one machine. */
export function ownBatch(batch: string, owner: string): Update {
  return {
    key: batchKey(batch),
    when: [{ is: "existing" }, { is: "absent", field: "endedAt" }],
    set: { owner },
    add: {},
  };
}

/** The process that works on a batch, if it lives; `null` if that was not recorded. */
export function ownerOf(batch: Fields): string | null {
  const { owner } = batch;
  return typeof owner === "string" ? owner : null;
}
