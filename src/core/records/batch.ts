/** The record of a batch, and the only updates that are ever made to it. */
import { create } from "./record.ts";
import type { Condition, Fields, Update } from "./record.ts";
import type { Json } from "../json.ts";
import type { ErrorCode } from "../errors.ts";
import { NO_TOTALS, addTotals } from "./tree.ts";
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

/**
 * What batches have that are being worked on: ledgers list those by it, so that a sweeper need not look at
 * all that ever were.
 */
const OPEN = { open: "batch" } as const;
const NO_LONGER_OPEN = ["open"] as const;

/** A new batch: `fields` are what was submitted. */
export function openBatch(batch: string, fields: Fields): Update {
  return create(batchKey(batch), { generation: 0, ...fields, ...OPEN });
}

/** The generation that a batch is in: 0, and one more with every redrive. */
export function generationOf(batch: Fields): number {
  return Number(batch["generation"] ?? 0);
}

/**
 * The generations whose nodes make up the closed tree, newest first. One that was given up before it began is
 * not among them.
 */
export function closedGenerations(batch: Fields): readonly number[] {
  return (batch["closed"] ?? []) as readonly number[];
}

/** How the batch had ended before a redrive. */
interface Former {
  readonly state: BatchState;
  readonly error: Json;
}

/**
 * Opens the next generation of a batch that has ended, as `seen` says: refused if it was redriven since. What
 * was committed stays where it is until the new root's commit replaces it. `fields` are what the redrive is
 * to do; `short` says that the plan does not cover all of the input.
 */
export function redriveBatch(
  batch: string,
  seen: Fields,
  fields: Fields & { readonly short: boolean },
): Update {
  const generation = generationOf(seen);
  const former: Fields = { state: seen["state"] ?? null, error: seen["error"] ?? null };
  return {
    key: batchKey(batch),
    when: [
      { is: "present", field: "endedAt" },
      { is: "equal", field: "generation", value: generation },
    ],
    set: { ...fields, ...OPEN, generation: generation + 1, former },
    add: {},
    remove: ["endedAt", "ending", "error", "laid"],
  };
}

/** Records that all nodes of a generation are laid: from now on its messages may be sent. */
export function laid(batch: string, generation: number): Update {
  return { ...whileIn(batch, generation), set: { laid: generation } };
}

/** Gives up a redrive before it began: the batch is what it was, but for why it ended. */
export function abandonRedrive(batch: string, seen: Fields, error: Failure, endedAt: number): Update {
  const update = whileIn(batch, generationOf(seen));
  const notLaid: Condition = { is: "absent", field: "laid" };
  const verdict = verdictAsked(seen) ?? { state: formerOf(seen)?.state ?? "failed", error: { ...error } };
  return {
    ...update,
    when: [...update.when, notLaid, endingAs(seen)],
    set: { ...verdict, endedAt },
    remove: NO_LONGER_OPEN,
  };
}

/** Nobody has asked the batch to end since `seen` was read. */
function endingAs({ ending }: Fields): Condition {
  if (typeof ending !== "string") return { is: "absent", field: "ending" };
  return { is: "equal", field: "ending", value: ending };
}

function whileIn(batch: string, generation: number): Update {
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

function formerOf(batch: Fields): Former | null {
  return (batch["former"] ?? null) as Former | null;
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
 * Closes the batch: applied once, and only if nobody asked it to end since `seen` was read, so that a cancel
 * that was accepted is never reported as something else. A redrive's totals are what it has changed.
 */
export function commitBatch(batch: string, seen: Fields, joined: Joined, endedAt: number): Update {
  const generation = generationOf(seen);
  const totals = addTotals((seen["totals"] ?? NO_TOTALS) as unknown as Totals, joined.totals);
  const { state, error } = verdict(seen, { ...joined, totals });
  // The planner says it too, but the join may come first, and the planner may die in between.
  const chunks = totals.chunks + totals.lost;
  const closed = [generation, ...closedGenerations(seen)];
  const update = whileIn(batch, generation);
  return {
    ...update,
    when: [...update.when, endingAs(seen)],
    set: { state, endedAt, chunks, result: joined.result, totals: { ...totals }, error, closed },
    remove: NO_LONGER_OPEN,
  };
}

/** The terminal state that a batch deserves, and its error. */
function verdict(seen: Fields, { totals, error }: Joined): { state: BatchState; error: Json } {
  const asked = verdictAsked(seen);
  if (asked) return asked;
  if (error !== null) return { state: "failed", error: { ...error } };
  // Whatever was left out and not redone is as missing as before.
  const former = formerOf(seen);
  if (former && (totals.lost > 0 || seen["short"] === true)) return former;
  const tooMany = exceeded(seen, totals);
  if (tooMany !== null) return { state: "failed", error: { ...tooMany } };
  const flawed = totals.failed > 0 || totals.broken > 0;
  return { state: flawed ? "completed-with-failures" : "succeeded", error: null };
}

/** What a batch has come to that somebody asked to end; `null` if nobody has. */
function verdictAsked(seen: Fields): { state: BatchState; error: Json } | null {
  const { ending, error = null } = seen;
  if (ending === undefined) return null;
  return { state: ending === "cancel" ? "cancelled" : "failed", error };
}

/**
 * Whether more items failed than the batch tolerates (`tolerateCount`, `toleratePercent`; absent = any
 * number). A chunk that was given up as a whole counts as one: at least one of its items is to blame.
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

/** Whether a batch works on this generation: nothing that is left of another one may touch it. */
export function isIn(batch: Fields, generation: number): boolean {
  return generationOf(batch) === generation && !hasEnded(batch);
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
