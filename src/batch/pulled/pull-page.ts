/** What `pull` is told of a batch, page by page. */
import type { ByteRange } from "../../input/reader.ts";
import type { PulledBatch, PulledChunk, PulledSource } from "./pulled-chunk.ts";

/** Which chunks are wanted: one, or those from a number on that have failed items. */
export type WantedChunks = { readonly chunk: number } | { readonly failedFrom: number };

/** Bytes of an object in the store. */
export interface StoredBytes {
  readonly name: string;
  readonly version?: string;
  /** One after the other. */
  readonly ranges: readonly ByteRange[];
  /** The CRC-32 of the only range, where it is known. */
  readonly crc?: number;
}

export interface ChunkToPull extends PulledChunk {
  /** `null`: there is nothing to fetch. */
  readonly stored: StoredBytes | null;
}

/** Some of the chunks. */
export interface PullPage {
  readonly of: PulledBatch;
  /** The sources of these chunks. */
  readonly sources: readonly PulledSource[];
  readonly chunks: readonly ChunkToPull[];
  /** From which chunk on the search goes on; `null`: these are the last ones. */
  readonly next: number | null;
}
