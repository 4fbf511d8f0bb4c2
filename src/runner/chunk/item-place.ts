/** Where an item stands in the input, for joins that ask for it. */
import type { Records } from "../../input/reader.ts";
import { NOWHERE } from "../../joins/place.ts";
import type { Place } from "../../joins/place.ts";
import type { AttemptContext } from "./attempt-context.ts";

/** Whether the join asks for the places of its items: they cost time to find. */
export function isPlaced({ job }: Pick<AttemptContext, "job">): boolean {
  return job.join?.placed === true;
}

export function placeOf({ source }: Pick<AttemptContext, "source">, records: Records, index: number): Place {
  const { key, within } = records.locate(index);
  return { source: within?.source ?? source, key };
}

/** The place if the join asks for it. */
export function placeIfAsked(
  context: Pick<AttemptContext, "job" | "source">,
  records: Records,
  index: number,
): Place {
  return isPlaced(context) ? placeOf(context, records, index) : NOWHERE;
}
