/** Pages of the failed items of a batch that runs, in input order as far as its chunks are settled. */
import type { FailedLine } from "../core/failures/failed-line.ts";
import type { Fields } from "../core/records/record.ts";
import { FAN_IN } from "../core/records/tree.ts";
import { FailedChunks, LEAVES_PER_READ } from "./failed-chunks.ts";
import type { FailedSource } from "./failed-chunks.ts";

/** Requests for one page. */
const MAX_READS = 60;

/** Between two failed items: so many of the chunk were read. */
export interface FailedPlace {
  readonly chunk: number;
  readonly lines: number;
}

export interface WantedFailed {
  readonly from: FailedPlace;
  readonly isWanted: (line: FailedLine) => boolean;
  readonly limit: number;
}

export interface FailedSoFar {
  readonly lines: readonly FailedLine[];
  /** Where the next page begins; `null`: nothing more has failed so far. */
  readonly next: FailedPlace | null;
}

export async function failedSoFar(
  source: FailedSource,
  { batch, fields }: { readonly batch: string; readonly fields: Fields },
  { from, isWanted, limit }: WantedFailed,
): Promise<FailedSoFar> {
  const chunks = new FailedChunks(source, batch, fields);
  const lines: FailedLine[] = [];
  for (let first = Math.floor(from.chunk / FAN_IN); ; first += LEAVES_PER_READ) {
    const leaves = await chunks.leaves(first);
    if (leaves === null) return { lines, next: null };
    const wanted = leaves.flatMap((leaf) => leaf.chunks).filter(({ chunk }) => chunk >= from.chunk);
    for await (const { chunk, lines: all } of chunks.linesOf(wanted)) {
      const begin = chunk === from.chunk ? from.lines : 0;
      for (const [place, line] of (all ?? []).entries()) {
        if (place < begin || !isWanted(line)) continue;
        if (lines.length === limit) return { lines, next: { chunk, lines: place } };
        lines.push(line);
      }
      if (chunks.reads > MAX_READS) return { lines, next: { chunk: chunk + 1, lines: 0 } };
    }
    if (chunks.reads > MAX_READS)
      return { lines, next: { chunk: (first + LEAVES_PER_READ) * FAN_IN, lines: 0 } };
  }
}
