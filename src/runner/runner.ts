/**
 * The runner: the only part that runs a user's code. A Lambda function runs requests in its own process
 * (`create-runner.ts`). The embedded engine sends them to its threads.
 */
import type { Digest } from "../core/failures/failure-digest.ts";
import type { LatencyCounts } from "../core/history/latency.ts";
import type { Failure } from "../core/records/batch/batch.ts";
import type { Piece } from "../core/records/contribution.ts";
import type { CrashJournal } from "../core/records/attempts/crash-journal.ts";
import type { ChunkMessage } from "../core/records/message.ts";
import type { Cut, PlanEntry } from "../core/records/plan.ts";
import type { ChunkCut } from "../core/records/split.ts";
import type { NextChunks } from "../core/chunk-size.ts";
import type { Done } from "../core/protocol/task.ts";
import type { BatchSpec } from "../batch/spec.ts";
import type { BatchFiles } from "../batch/summary/files.ts";

/** Chunks of one batch, to be run under one tag. */
export interface ChunksRequest {
  readonly spec: BatchSpec;
  readonly chunks: readonly ChunkMessage[];
  /** In a redrive: the bodies that the chunks' `former` tags name, by tag. */
  readonly previousBodies?: { readonly [tag: string]: Piece };
  /** The crash journals of the chunks that run with care, one item at a time; `null`: no chunk does. */
  readonly careful: ReadonlyMap<number, CrashJournal> | null;
}

/** A chunk or part that was not finished: where it is cut, and what its done ranges add. */
export interface CutReply extends Pick<ChunkCut, "ranges" | "totals"> {
  readonly chunk: number;
  readonly part?: number;
}

/** Chunks that were interrupted with nothing done are missing. */
export interface ChunksReply {
  /** The JSON of the chunks' `Contributions`; `null` if there is nothing to keep. */
  readonly body: Piece | null;
  readonly done: readonly Done[];
  /**
   * The missing chunks were given back, because their calls would have to wait: they should come again at
   * this time, in milliseconds since the epoch. Only on platforms where waiting costs money.
   */
  readonly laterAt?: number;
  /** Absent: none. */
  readonly cuts?: readonly CutReply[];
  /** The items that failed, by kind and chunk: for people to see while the batch runs. Absent: none. */
  readonly failures?: readonly Digest[];
  /** The times of items that were awaited. Absent: none was. */
  readonly latency?: LatencyCounts;
  /** The names (`workName`) of chunks that another attempt has settled: they are done. Absent: none. */
  readonly overtaken?: readonly string[];
}

/** What a runner tells while a request runs. */
export interface ChunksEvents {
  /** Where there are threads: the number of the one that runs the request, from 1. */
  readonly onThread?: ((thread: number) => void) | undefined;
  /** All items have begun, and some are still awaited: the next request may begin. */
  readonly onDraining?: (() => void) | undefined;
  /** Chunks that are done while others still run. They can be settled at once, under a tag of their own. */
  readonly onPart?: ((part: ChunksReply) => void) | undefined;
}

/** In `MergeRequest.children`: a settled child that has nothing to merge. */
export const NOTHING = -1;
/** In `MergeRequest.children`: a child that was never settled, so its items are unknown. */
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
  /** Of a split: the names of the parts in the bodies that have them, in order, and its generation. */
  readonly split?: {
    readonly names: readonly string[];
    readonly generation: number;
    /** In a redrive: the parts that were not done again. */
    readonly kept?: readonly boolean[];
  };
  /** For each child: the index in `bodies` of the body with its contribution, or `NOTHING`, or `LEFT_OUT`. */
  readonly children: readonly number[];
  readonly bodies: readonly Piece[];
  /** What the first children came to in earlier invocations. */
  readonly merged?: { readonly children: number; readonly body: Piece };
}

export interface MergeReply {
  readonly body: Piece | null;
  /** The time was up: `body` is only what so many children came to. Absent: all of them. */
  readonly until?: number;
  /** At the root only. */
  readonly files: BatchFiles | null;
  readonly error: Failure | null;
}

/** Asks for the next plan entry of a batch whose items the job generates. */
export interface PlanRequest {
  readonly spec: BatchSpec;
  readonly last: PlanEntry | null;
  readonly next: NextChunks;
}

export interface Runner {
  /** No ranges at the end; `null` if it was interrupted. Throws `INPUT_INVALID` if the generator threw. */
  plan(request: PlanRequest): Promise<Cut | null>;
  /**
   * The reply lacks the chunks that were handed over before. Throws `ItemDied` if a post-mortem found that an
   * item of a careful chunk ended its thread.
   */
  chunks(request: ChunksRequest, events?: ChunksEvents): Promise<ChunksReply>;
  merge(request: MergeRequest): Promise<MergeReply>;
}
