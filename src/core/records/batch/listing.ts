/**
 * The input of a batch that was submitted as a prefix or a manifest: the coordinator lists its objects before
 * it plans. The list that is recorded first is the input.
 */
import { batchKey } from "./batch.ts";
import type { Json } from "../../json/json.ts";
import type { Update } from "../record.ts";

/** The field of a batch whose objects are not listed yet. */
export const UNLISTED = { unlisted: true } as const;

/** Records the input of a batch. Refused if another coordinator has listed it, or if the batch has ended. */
export function recordInput(batch: string, input: Json): Update {
  return {
    key: batchKey(batch),
    when: [
      { is: "present", field: "unlisted" },
      { is: "absent", field: "endedAt" },
    ],
    set: { input },
    add: {},
    remove: ["unlisted"],
  };
}
