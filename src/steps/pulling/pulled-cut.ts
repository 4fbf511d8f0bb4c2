/** The plan of a batch that reproduces another one: its chunks are those that were pulled. */
import type { Reproduction } from "../../batch/pulled/pulled-chunk.ts";
import type { Cut, PlanEntry } from "../../core/records/plan.ts";

const CHUNKS_PER_ENTRY = 20;

/** The ranges of the entry after `last`; none at the end. */
export function pulledCut({ sources, chunks }: Reproduction, last: PlanEntry | null): Cut {
  const first = last === null ? 0 : last.first + last.ranges.length;
  const numbers = new Map(sources.map(({ source }, number) => [source, number]));
  const ranges = chunks.slice(first, first + CHUNKS_PER_ENTRY).map(({ source, start, end }) => {
    return { source: numbers.get(source) ?? 0, start, end };
  });
  return { ranges };
}
