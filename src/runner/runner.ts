/**
 * The one thing that runs a user's code: a bundle of chunks, or a merge. In a Lambda it is in this process
 * (`run-chunks.ts`, `run-merge.ts`); the embedded engine sends the same requests to its threads.
 */
import type { Failure } from "../core/records/batch.ts";
import type { Piece } from "../core/records/contribution.ts";
import type { CrashJournal } from "../core/records/crash-journal.ts";
import type { ChunkMessage } from "../core/records/message.ts";
import type { Cut, PlanEntry } from "../core/records/plan.ts";
import type { NextChunks } from "../core/chunk-size.ts";
import type { Done } from "../core/protocol/task.ts";
import type { BatchSpec } from "../batch/spec.ts";
import type { BatchFiles } from "../batch/files.ts";

/** Chunks of one batch, to be run one after the other under one tag. */
export interface ChunksRequest {
  readonly spec: BatchSpec;
  readonly chunks: readonly ChunkMessage[];
  /** In a redrive: the bodies that the chunks' `former` tags name. */
  readonly previousBodies?: { readonly [tag: string]: Piece };
  /**
   * The chunks to be run with care, one item at a time, and what is known against their items; `null` = none
   * of them.
   */
  readonly careful: ReadonlyMap<number, CrashJournal> | null;
}

/**
 * What became of them: `body` is the JSON of their `Contributions`, `null` where there is nothing to keep.
 * Chunks that were interrupted are missing.
 */
export interface ChunksReply {
  readonly body: Piece | null;
  readonly done: readonly Done[];
}

/** In `MergeRequest.children`: a child that was settled and has nothing to merge. */
export const NOTHING = -1;
/** In `MergeRequest.children`: a child that was never settled, so nobody knows what it holds. */
export const LEFT_OUT = -2;

/** The children of a final node, in order. */
export interface MergeRequest {
  readonly batch: string;
  /** The number of the node among those of its level. */
  readonly index: number;
  readonly tag: string;
  readonly root: boolean;
  /** The number of the first child among those of its level. */
  readonly first: number;
  /**
   * For each child the place in `bodies` of the body that holds its contribution, or `NOTHING`, or
   * `LEFT_OUT`.
   */
  readonly children: readonly number[];
  readonly bodies: readonly Piece[];
}

export interface MergeReply {
  readonly body: Piece | null;
  /** At the root. */
  readonly files: BatchFiles | null;
  readonly error: Failure | null;
}

/** The next plan entry of a batch whose items the job makes. */
export interface PlanRequest {
  readonly spec: BatchSpec;
  readonly last: PlanEntry | null;
  readonly next: NextChunks;
}

export interface Runner {
  /**
   * No ranges at the end; `null` if it was interrupted. Throws `INPUT_INVALID` where the job's function
   * threw.
   */
  plan(request: PlanRequest): Promise<Cut | null>;
  /**
   * Where items wait for something, `onDraining` is called when all have begun: the next request may begin
   * then. Throws `ItemDied` if an item of a careful chunk was seen to end what ran it.
   */
  chunks(request: ChunksRequest, onDraining?: () => void): Promise<ChunksReply>;
  merge(request: MergeRequest): Promise<MergeReply>;
}
