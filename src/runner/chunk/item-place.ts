/** Where an item stands in the input, for joins that ask for it. */
import type { ChunkReading } from "../../input/cut/spooled.ts";
import type { Records } from "../../input/reader.ts";
import type { InputPlace } from "../../joins/place.ts";
import type { AttemptContext } from "./attempt-context.ts";

/** For a join that does not ask. */
export const NOWHERE: InputPlace = Object.freeze({ source: 0, key: 0 });

/** Whether the join asks for the places of its items: they cost time to find. */
export function isPlaced({ job }: Pick<AttemptContext, "job">): boolean {
  return job.join?.placed === true;
}

export function placeOf(
  { source }: Pick<AttemptContext, "source">,
  records: Records,
  index: number,
): InputPlace {
  const { key, within } = records.locate(index);
  return { source: within?.source ?? source, key };
}

/** The place if the join asks for it. */
export function placeIfAsked(
  context: Pick<AttemptContext, "job" | "source">,
  records: Records,
  index: number,
): InputPlace {
  return isPlaced(context) ? placeOf(context, records, index) : NOWHERE;
}

/**
 * The number of an item in its source, as far as that is known before the join; else `null`. `place`: its
 * number in the chunk.
 */
export function knownIndex(
  { message: { kind, chunk, start, spool } }: Pick<AttemptContext, "message">,
  reading: ChunkReading,
  place: number,
): number | null {
  if (reading.kind.indexed && spool === undefined) return start + place;
  return kind === "chunk" && chunk === 0 ? place : null;
}
