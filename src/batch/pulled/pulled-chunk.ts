/** A chunk that is run again elsewhere, with the positions that it had: what `pull` brings of a batch. */
import type { Json } from "../../core/json/json.ts";
import type { ReaderName } from "../../input/reader.ts";
import type { PulledText } from "../../core/records/pulled-text.ts";

/** One chunk of the batch that was pulled. */
export interface PulledChunk {
  /** Its number in that batch. */
  readonly chunk: number;
  /** The number of its source there. */
  readonly source: number;
  /** In the reader's unit. */
  readonly start: number;
  readonly end: number;
  /** The range is of unpacked, converted or generated text, and begins and ends with a record. */
  readonly spooled: boolean;
  /** How many items and lines of its source came before it. `null` where that is unknown. */
  readonly before: { readonly items: number | null; readonly lines: number | null };
  /** The bytes of its source that its reader needs. `null`: none (a range). */
  readonly text: PulledText | null;
  /** Why its source could not be read any further there. */
  readonly damage?: string;
  /** The range is a whole source, as it is stored: one of several that the chunk has. */
  readonly whole?: true;
}

/** A source of pulled chunks. */
export interface PulledSource {
  /** Its number in the batch that was pulled. */
  readonly source: number;
  readonly label: string;
  /** In the reader's unit. */
  readonly size: number;
  /** The bytes before its first record, such as the header of a CSV file, as base64. */
  readonly head: string;
}

/** Facts about the batch that was pulled. */
export interface PulledBatch {
  readonly batch: string;
  readonly job: string;
  readonly params: Json;
  readonly reader: ReaderName;
  readonly options: { readonly [name: string]: Json };
  /** How many items of a chunk were processed at the same time. */
  readonly concurrency: number;
  /** The hash of the job's code when the batch was submitted; `null` where it was not recorded. */
  readonly code: string | null;
}

/** In the spec of a batch that reproduces another one: chunk n runs the n-th of these chunks. */
export interface Reproduction {
  readonly batch: string;
  /** Of each source of the reproducing batch: the one that it stands for. */
  readonly sources: readonly PulledSource[];
  /** `offset`: where the chunk's text begins in the file that its source is kept in. */
  readonly chunks: readonly (PulledChunk & { readonly offset: number })[];
}
