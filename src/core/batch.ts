/** The record of a batch, and the only updates that are ever made to it. */
import { create } from "./record.ts";
import type { Condition, Fields, Json, Update } from "./record.ts";
import type { ErrorCode } from "./errors.ts";
import type { Totals } from "./tree.ts";

export type BatchState =
  | "planning"
  | "running"
  | "cancelling"
  | "succeeded"
  | "completed-with-failures"
  | "failed"
  | "cancelled";

/** Why a batch ends before its input does; the first reason stays. */
export type Ending = "cancel" | "deadline" | "failures" | "input";

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

/** A new batch: `fields` are what was submitted. */
export function openBatch(batch: string, fields: Fields): Update {
  return create(batchKey(batch), { generation: 0, ...fields });
}

/** Asks a batch to end: refused once it has ended, or was asked before. */
export function endBatch(batch: string, ending: Ending, error: Failure): Update {
  return {
    key: batchKey(batch),
    when: [{ is: "existing" }, { is: "absent", field: "endedAt" }, { is: "absent", field: "ending" }],
    set: { ending, error: { ...error } },
    add: {},
  };
}

/** Records that planning is over; the reply shows whether somebody wants the batch to end. */
export function planned(batch: string, chunks: number): Update {
  return { key: batchKey(batch), when: [{ is: "existing" }], set: { chunks }, add: {} };
}

/** What the root's join came to. */
export interface Joined {
  readonly totals: Totals;
  /** Where result, outputs and failed items are; opaque to the protocol. */
  readonly result: Json;
  /** Why there is no result, although everything was counted. */
  readonly error: Failure | null;
}

/**
 * Closes the batch: applied once, and only if nobody asked it to end since `batch` was read, so that a cancel that was
 * accepted is never reported as something else.
 */
export function commitBatch(batch: string, seen: Fields, joined: Joined, endedAt: number): Update {
  const { ending } = seen;
  const unchanged: Condition =
    typeof ending === "string"
      ? { is: "equal", field: "ending", value: ending }
      : { is: "absent", field: "ending" };
  const { state, error } = verdict(seen, joined);
  // The planner says it too, but the join may come first, and the planner may die in between.
  const chunks = joined.totals.chunks + joined.totals.lost;
  return {
    key: batchKey(batch),
    when: [{ is: "existing" }, { is: "absent", field: "endedAt" }, unchanged],
    set: { state, endedAt, chunks, result: joined.result, totals: { ...joined.totals }, error },
    add: {},
  };
}

/** The terminal state that a batch deserves, and its error. */
function verdict(seen: Fields, { totals, error }: Joined): { state: BatchState; error: Json } {
  const asked = seen["error"] ?? null;
  if (seen["ending"] === "cancel") return { state: "cancelled", error: asked };
  if (seen["ending"] !== undefined) return { state: "failed", error: asked };
  if (error !== null) return { state: "failed", error: { ...error } };
  const tooMany = exceeded(seen, totals);
  if (tooMany !== null) return { state: "failed", error: { ...tooMany } };
  const flawed = totals.failed > 0 || totals.broken > 0;
  return { state: flawed ? "completed-with-failures" : "succeeded", error: null };
}

/**
 * Whether more items failed than the batch tolerates (`tolerateCount`, `toleratePercent`; absent = any number). A chunk that was given up
 * as a whole counts as one: at least one of its items is to blame.
 */
export function exceeded(batch: Fields, totals: Totals): Failure | null {
  const { tolerateCount: count, toleratePercent: percent } = batch;
  const tried = totals.succeeded + totals.failed;
  const given = totals.broken === 0 ? "" : `, ${totals.broken} chunks were given up`;
  const failed = `${totals.failed} of ${tried} items failed${given}`;
  if (typeof count === "number" && totals.failed + totals.broken > count) {
    return { code: "TOO_MANY_FAILURES", message: `${failed}, the job tolerates ${count}` };
  }
  if (typeof percent === "number" && totals.failed * 100 > percent * tried) {
    return { code: "TOO_MANY_FAILURES", message: `${failed}, the job tolerates ${percent} %` };
  }
  return null;
}

export function hasEnded(batch: Fields): boolean {
  return batch["endedAt"] !== undefined;
}

export function isEnding(batch: Fields): boolean {
  return batch["ending"] !== undefined;
}

/** Where a batch is in its life. */
export function stateOf(batch: Fields): BatchState {
  if (hasEnded(batch)) return batch["state"] as BatchState;
  if (isEnding(batch)) return "cancelling";
  return batch["chunks"] === undefined ? "planning" : "running";
}
