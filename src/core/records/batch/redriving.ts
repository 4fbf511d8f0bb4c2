/** The updates of a batch's record by which it is redriven. */
import type { Condition, Fields, Update } from "../record.ts";
import { OPEN, afterEnd } from "./open.ts";
import type { Failure } from "./batch.ts";
import { batchKey, generationOf, sameEnding, whileIn, previousEnd, requestedOutcome } from "./batch.ts";

/** What a redrive does about a plan that may not cover the whole input. */
export type ShortPlan =
  /** The plan stays as it is. `short`: it does not cover the whole input. */
  | { readonly short: boolean }
  /**
   * Planning goes on. `extend` is the newest entry with ranges (if there is none, the newest END), from which
   * the plan is read. `first` is the number of chunks so far.
   */
  | { readonly extend: number; readonly first: number };

/** Fields that say how far a generation is, or how its time went. */
const OF_ONE_GENERATION = [
  "endedAt",
  "ending",
  "enough",
  "error",
  "laid",
  "launched",
  "idleMs",
  "paused",
  "launch",
  "relaunched",
  "news",
] as const;

/**
 * Opens the next generation of a batch that has ended. `record` is the batch as it was read; the update is
 * refused if the batch was redriven since. The committed result stays until the new root's commit replaces
 * it. `fields` describe the redrive.
 */
export function redriveBatch(batch: string, record: Fields, plan: ShortPlan, fields: Fields = {}): Update {
  const generation = generationOf(record);
  const former: Fields = { state: record["state"] ?? null, error: record["error"] ?? null };
  const replaced = "extend" in plan ? ["chunks", "short"] : ["extend", "first"];
  return {
    key: batchKey(batch),
    when: [
      { is: "present", field: "endedAt" },
      { is: "absent", field: "removed" },
      { is: "equal", field: "generation", value: generation },
    ],
    set: { ...fields, ...plan, ...OPEN, generation: generation + 1, former },
    add: {},
    remove: [...OF_ONE_GENERATION, ...replaced],
  };
}

/** Where a redrive goes on planning; `null` for a batch that does not. */
export function extensionOf(batch: Fields): { readonly extend: number; readonly first: number } | null {
  const { extend, first } = batch;
  return typeof extend === "number" && typeof first === "number" ? { extend, first } : null;
}

/** How many chunks the closed tree has, over which a redrive lays its nodes. */
export function closedChunks(batch: Fields): number {
  return Number(extensionOf(batch)?.first ?? batch["chunks"]);
}

/** Records that all nodes of a generation are laid. From now on its messages may be sent. */
export function laid(batch: string, generation: number): Update {
  return { ...whileIn(batch, generation), set: { laid: generation } };
}

/** Records that the messages of all laid nodes were sent. They are not sent again for every plan message. */
export function launched(batch: string, generation: number): Update {
  return { ...whileIn(batch, generation), set: { launched: generation } };
}

export function isLaid(batch: Fields): boolean {
  return batch["laid"] === generationOf(batch);
}

export function isLaunched(batch: Fields): boolean {
  return batch["launched"] === generationOf(batch);
}

/** Gives up a redrive whose nodes are not all laid. The batch is as it was before, except for its error. */
export function abandonRedrive(batch: string, record: Fields, error: Failure, endedAt: number): Update {
  const update = whileIn(batch, generationOf(record));
  const notLaid: Condition = { is: "absent", field: "laid" };
  const state = previousEnd(record)?.state ?? "failed";
  const extension = extensionOf(record);
  const outcome = requestedOutcome(record) ?? { state, error: { ...error } };
  const after = afterEnd(record, endedAt);
  return {
    ...update,
    when: [...update.when, notLaid, sameEnding(record)],
    set: {
      ...outcome,
      endedAt,
      ...(extension ? { chunks: extension.first, short: true } : {}),
      ...after.set,
    },
    remove: after.remove,
  };
}
