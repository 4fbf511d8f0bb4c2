/**
 * The one thing that runs a user's code: a bundle of chunks, or a merge. In a Lambda it is in this process (`run-chunks.ts`, `run-merge.ts`); the
 * embedded engine sends the same requests to its threads.
 */
import type { Failure } from "../core/batch.ts";
import type { Piece } from "../core/contribution.ts";
import type { ChunkMessage } from "../core/message.ts";
import type { Done } from "../core/protocol.ts";
import type { Json } from "../core/record.ts";
import type { BatchSpec } from "./batch.ts";

/** Chunks of one batch, to be run one after the other under one tag. */
export interface ChunksRequest {
  readonly spec: BatchSpec;
  readonly chunks: readonly ChunkMessage[];
}

/** What became of them: `body` is the JSON of their `Contributions`, `null` where there is nothing to keep. Chunks that were interrupted are missing. */
export interface ChunksReply {
  readonly body: Piece | null;
  readonly done: readonly Done[];
}

/** A child of a final node, in order: where the body with its contribution is, `null` for one that was left out or has nothing. */
export interface MergeChild {
  readonly child: number;
  /** Index into `bodies`, `null` where there is nothing to merge. */
  readonly body: number | null;
  /** It was never settled, so nobody knows what it holds. */
  readonly gap: boolean;
}

export interface MergeRequest {
  readonly spec: BatchSpec;
  /** The number of the node among those of its level. */
  readonly index: number;
  readonly tag: string;
  readonly children: readonly MergeChild[];
  readonly bodies: readonly Piece[];
  readonly root: boolean;
}

/** The files of a finished batch, by object name. */
export interface Files {
  readonly result: { readonly name: string; readonly bytes: number; readonly value?: Json } | null;
  readonly outputs: { readonly name: string; readonly bytes: number } | null;
  readonly failed: { readonly name: string; readonly bytes: number } | null;
}

export interface MergeReply {
  readonly body: Piece | null;
  /** At the root. */
  readonly files: Files | null;
  readonly error: Failure | null;
}

export interface Runner {
  chunks(request: ChunksRequest): Promise<ChunksReply>;
  merge(request: MergeRequest): Promise<MergeReply>;
}
