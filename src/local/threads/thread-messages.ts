/** The messages between the engine and its threads. A bundle of chunks travels as one message each way. */
import type { MessagePort } from "node:worker_threads";
import { fullText } from "../../core/errors/described-error.ts";
import type { Piece } from "../../core/records/contribution.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { ErrorCode } from "../../core/errors/errors.ts";
import type { CrashJournal } from "../../core/records/attempts/crash-journal.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Cut } from "../../core/records/plan.ts";
import type { Json } from "../../core/json/json.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import type {
  ChunksReply,
  ChunksRequest,
  MergeReply,
  MergeRequest,
  PlanRequest,
} from "../../runner/runner.ts";
import type { PackedChunks } from "./packed-chunks.ts";
import type { LimitsAnswer, LimitsRequest } from "./limits-messages.ts";
import { describeError } from "../../runner/describe-error.ts";
import { HEARTBEAT_NUMBERS } from "../../runner/poison/heartbeat.ts";
import type { Heartbeat } from "../../runner/poison/heartbeat.ts";

/** The data that a thread is started with. */
export interface ThreadSetup {
  readonly jobFile: string;
  readonly directory: string;
  readonly segmentName: string;
  /** In a process of its own, whose death is evidence. */
  readonly inChild: boolean;
  /** Items are only read and validated. */
  readonly dryRun: boolean;
  /** Writes the job's schemas, too, which takes some milliseconds. */
  readonly schemas: boolean;
  /** How long the job's `setup` may take. */
  readonly setupTimeoutMs: number;
  /** The limits of batches are kept. */
  readonly limited: boolean;
  /** 32-bit numbers: `INTERRUPTED`, `RUNNING`, `EVALUATED`, `CUT`, `CUT_PARTS`, and the heartbeat. */
  readonly state: SharedArrayBuffer;
  /** Where calls arrive, and answers go. */
  readonly port: MessagePort;
}

/** Requests up to this id are not wanted any more: read between items, by code that never waits. */
export const INTERRUPTED = 0;
/** The request that runs now, or ran last. A thread that dies may have died of it. */
export const RUNNING = 1;
/** 1: the job's module has run, so nothing of the job should keep the thread from answering. */
export const EVALUATED = 2;

/** The request whose running chunk is to be cut, and into how many parts: other threads are idle. */
export const CUT = 3;
export const CUT_PARTS = 4;

const NUMBERS_BEFORE_PULSE = 5;
export const SHARED_BYTES = (NUMBERS_BEFORE_PULSE + HEARTBEAT_NUMBERS) * Int32Array.BYTES_PER_ELEMENT;

export function heartbeatIn(state: SharedArrayBuffer): Heartbeat {
  return new Int32Array(state, NUMBERS_BEFORE_PULSE * Int32Array.BYTES_PER_ELEMENT);
}

export interface ChunksCall {
  readonly type: "chunks";
  readonly id: number;
  readonly batch: string;
  /** Sent with the first bundle of a batch only; threads remember it. */
  readonly spec: BatchSpec | null;
  readonly chunks: PackedChunks;
  readonly previousBodies: NonNullable<ChunksRequest["previousBodies"]>;
  readonly careful: ReadonlyMap<number, CrashJournal> | null;
  /** The chunks are a whole leaf, whose merge may follow. `null`: they are not. */
  readonly early: EarlyMerge | null;
}

/** A merge that a thread makes before it is asked for it. */
export interface EarlyMerge {
  /** The id of its answer. */
  readonly id: number;
  readonly tag: string;
  /** The number of the leaf, and whether it is the root. */
  readonly index: number;
  readonly root: boolean;
}

export interface MergeCall {
  readonly type: "merge";
  readonly id: number;
  readonly request: MergeRequest;
}

export interface PlanCall {
  readonly type: "plan";
  readonly id: number;
  readonly request: PlanRequest;
}

export interface ParamsCall {
  readonly type: "params";
  readonly id: number;
  readonly params: Json;
}

/** A chunk that is settled, by whichever attempt. */
export type SettledChunk = Pick<ChunkMessage, "batch" | "generation" | "chunk">;

export type Call =
  | ChunksCall
  | MergeCall
  | PlanCall
  | ParamsCall
  | LimitsAnswer
  | { readonly type: "interrupt"; readonly upTo: number }
  /** Another attempt has settled these chunks. */
  | { readonly type: "overtaken"; readonly chunks: readonly SettledChunk[] }
  /** The thread ends what `setup` made, and then itself. */
  | { readonly type: "teardown" };

export type Answer =
  | {
      readonly type: "ready";
      readonly job: DescribedJob;
      /** Built-ins that the job's module had replaced. */
      readonly replaced: readonly string[];
    }
  | { readonly type: "unusable"; readonly error: ThreadError }
  | { readonly type: "checked"; readonly id: number }
  | {
      readonly type: "chunks";
      readonly id: number;
      readonly body: Piece | null;
      readonly done: Float64Array;
      readonly cuts: ChunksReply["cuts"] | null;
      readonly seen: SeenItems;
      readonly overtaken: ChunksReply["overtaken"] | null;
      /** The id of the early merge that the thread goes on with; `null`: it does not. */
      readonly merging: number | null;
      readonly files: readonly string[];
    }
  /** All items of a request have begun, and some are still awaited. */
  | { readonly type: "draining"; readonly id: number }
  /** Chunks of a request that is not answered yet. */
  | {
      readonly type: "part";
      readonly id: number;
      readonly body: Piece | null;
      readonly done: Float64Array;
      readonly cuts: ChunksReply["cuts"] | null;
      readonly seen: SeenItems;
      readonly files: readonly string[];
    }
  | {
      readonly type: "merge";
      readonly id: number;
      readonly reply: MergeReply;
      readonly files: readonly string[];
    }
  | {
      readonly type: "plan";
      readonly id: number;
      readonly cut: Cut | null;
      readonly files: readonly string[];
    }
  | { readonly type: "failed"; readonly id: number; readonly error: ThreadError }
  | LimitsRequest
  | {
      readonly type: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      readonly message: string;
      readonly fields: unknown;
    };

/** What a reply says of its items for people to see. */
export type SeenItems = Pick<ChunksReply, "failures" | "latency">;

export interface ThreadError {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly stack: string | undefined;
}

/** Never throws: a job may have thrown anything, and what cannot be sent would leave the call unanswered. */
export function threadError(thrown: unknown): ThreadError {
  try {
    if (thrown instanceof Error && typeof thrown.message === "string" && typeof thrown.stack === "string") {
      const code = thrown instanceof FanjoinError ? thrown.code : null;
      return { code, message: thrown.message, stack: thrown.stack };
    }
  } catch {
    // Its properties throw.
  }
  return { code: null, message: fullText(describeError(thrown)), stack: undefined };
}

/** The error that was thrown on the other side. */
export function revive({ code, message, stack }: ThreadError): Error {
  const error = code === null ? new Error(message) : new FanjoinError(code, message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
