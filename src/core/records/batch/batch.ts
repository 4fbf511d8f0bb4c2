/** The record of a batch, and the updates that are made to it; those of a redrive are in `redriving.ts`. */
import { create } from "../record.ts";
import type { Condition, Fields, Update } from "../record.ts";
import { OPEN, afterEnd } from "./open.ts";
import type { Json } from "../../json/json.ts";
import type { ErrorCode } from "../../errors/errors.ts";
import type { PlanEnd } from "../plan.ts";
import { exceeded } from "./bounds/tolerance.ts";
import { NO_TOTALS, addTotals } from "../totals.ts";
import type { Totals } from "../totals.ts";

/**
 * `interrupted`: on one machine, no process works on it. `resume` continues it, and a paused one.
 */
export const BATCH_STATES = [
  "planning",
  "running",
  "paused",
  "interrupted",
  "cancelling",
  "succeeded",
  "completed-with-failures",
  "failed",
  "cancelled",
] as const;

export type BatchState = (typeof BATCH_STATES)[number];

/** Why a batch ends early. Only the first reason is kept. */
export type Ending = "cancel" | "deadline" | "failures" | "input" | "cost" | "enough";

/** An error as a user sees it. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

export function batchKey(batch: string): string {
  return `batch/${batch}`;
}

/** The batch whose record is at `key`; `null` for keys of other records. */
export function batchIn(key: string): string | null {
  const prefix = batchKey("");
  return key.startsWith(prefix) ? key.slice(prefix.length) : null;
}

/** Creates the record of a new batch. `fields` are the fields of its spec. */
export function openBatch(batch: string, fields: Fields): Update {
  return create(batchKey(batch), { generation: 0, ...fields, ...OPEN });
}

/** The generation that a batch is in: 0, and 1 more after each redrive. */
export function generationOf(batch: Fields): number {
  return Number(batch["generation"] ?? 0);
}

/** When the batch, or its newest redrive, began, in milliseconds since the epoch. */
export function generationBeganAt(batch: Fields): number {
  return Number(batch["redrivenAt"] ?? batch["createdAt"]);
}

/** The generations of the closed tree, newest first. A redrive that was given up is not among them. */
export function closedGenerations(batch: Fields): readonly number[] {
  return (batch["closed"] ?? []) as readonly number[];
}

/** How the batch had ended before its redrive. */
interface PreviousEnd {
  readonly state: BatchState;
  readonly error: Json;
}

/** The batch was not asked to end since it was read. */
export function sameEnding({ ending }: Fields): Condition {
  if (typeof ending !== "string") return { is: "absent", field: "ending" };
  return { is: "equal", field: "ending", value: ending };
}

/** An update that is refused in another generation, and after the end. */
export function whileIn(batch: string, generation: number): Update {
  return {
    key: batchKey(batch),
    when: [
      { is: "equal", field: "generation", value: generation },
      { is: "absent", field: "endedAt" },
    ],
    set: {},
    add: {},
  };
}

/** `null` if the batch was never redriven. */
export function previousEnd(batch: Fields): PreviousEnd | null {
  return (batch["former"] ?? null) as PreviousEnd | null;
}

/** Asks a batch to end. Refused if it has ended, or was asked before. */
export function endBatch(batch: string, ending: Exclude<Ending, "enough">, error: Failure): Update {
  return askedToEnd(batch, { ending, error: { ...error } });
}

/** Asks a batch to end with what is settled, which is `enough`. Refused as `endBatch` is. */
export function endWithEnough(batch: string, enough: string): Update {
  return askedToEnd(batch, { ending: "enough", enough });
}

function askedToEnd(batch: string, set: Fields): Update {
  return {
    key: batchKey(batch),
    when: [{ is: "existing" }, { is: "absent", field: "endedAt" }, { is: "absent", field: "ending" }],
    set,
    add: {},
  };
}

/** The batch goes on with another file of its job, e.g. one that was moved. */
export function useJobFile(batch: string, jobFile: string): Update {
  return { key: batchKey(batch), when: [{ is: "existing" }], set: { jobFile }, add: {} };
}

/**
 * Records that a generation's planning is over. The reply shows whether the batch was asked to end. It is
 * refused in a later generation, whose plan may be longer.
 */
export function planned(batch: string, { end, short, generation }: PlanEnd): Update {
  const sameGeneration: Condition = { is: "equal", field: "generation", value: generation };
  return { key: batchKey(batch), when: [sameGeneration], set: { chunks: end, short }, add: {} };
}

/** The outcome of the root's join. */
export interface Joined {
  readonly totals: Totals;
  /** Where result, outputs and failed items are. The protocol does not look into it. */
  readonly result: Json;
  /** Why there is no result. The counts are exact even so. */
  readonly error: Failure | null;
}

/**
 * Closes the batch. Applied once, and only if the batch was not asked to end since `record` was read: so an
 * accepted cancel is never reported as something else. The totals of a redrive are differences, which are
 * added to the totals before.
 */
export function commitBatch(batch: string, record: Fields, joined: Joined, endedAt: number): Update {
  const generation = generationOf(record);
  const totals = addTotals((record["totals"] ?? NO_TOTALS) as unknown as Totals, joined.totals);
  const { state, error } = outcomeOf(record, { ...joined, totals });
  // The planner records it too, but the join may come first, and the planner may die in between.
  const chunks = totals.chunks + totals.lost;
  const closed = [generation, ...closedGenerations(record)];
  const update = whileIn(batch, generation);
  const after = afterEnd(record, endedAt);
  return {
    ...update,
    when: [...update.when, sameEnding(record)],
    set: {
      state,
      endedAt,
      chunks,
      result: joined.result,
      totals: { ...totals },
      error,
      closed,
      ...after.set,
    },
    remove: after.remove,
  };
}

/** The terminal state of a batch, and its error. */
function outcomeOf(record: Fields, { totals, error }: Joined): { state: BatchState; error: Json } {
  const requested = requestedOutcome(record);
  if (requested) return requested;
  if (error !== null) return { state: "failed", error: { ...error } };
  // Chunks that were left out and not redone are still missing, so the batch is as it was before.
  const previous = previousEnd(record);
  if (previous && (totals.lost > 0 || record["short"] === true)) return previous;
  const tooMany = exceeded(record, totals);
  if (tooMany !== null) return { state: "failed", error: { ...tooMany } };
  const flawed = totals.failed > 0 || totals.broken > 0;
  return { state: flawed ? "completed-with-failures" : "succeeded", error: null };
}

/** The outcome of a batch that was asked to end. `null`: what is settled decides. */
export function requestedOutcome(record: Fields): { state: BatchState; error: Json } | null {
  const { ending, error = null } = record;
  if (ending === undefined || ending === "enough") return null;
  return { state: ending === "cancel" ? "cancelled" : "failed", error };
}

export function hasEnded(batch: Fields): boolean {
  return batch["endedAt"] !== undefined;
}

/** Whether a batch is working on this generation. Work of another generation must not touch it. */
export function isIn(batch: Fields, generation: number): boolean {
  return generationOf(batch) === generation && !hasEnded(batch);
}

export function isEnding(batch: Fields): boolean {
  return batch["ending"] !== undefined;
}

/**
 * The state of a batch, as users see it: the first that holds. `isWorkedOn`: whether a process may work on
 * it, as always on AWS.
 */
export function stateOf(batch: Fields, isWorkedOn = true): BatchState {
  if (hasEnded(batch)) return batch["state"] as BatchState;
  if (isEnding(batch) && batch["ending"] !== "enough") return "cancelling";
  if (batch["paused"] !== undefined && !isEnding(batch)) return "paused";
  if (!isWorkedOn) return "interrupted";
  return batch["chunks"] === undefined ? "planning" : "running";
}
