/** When a batch has enough, and ends with what is settled. The fields of the batch's record say it. */
import { generationOf } from "../batch.ts";
import type { Fields } from "../../record.ts";
import type { Totals } from "../../totals.ts";

/** How much there is to do. `null`: not known (yet). */
export interface WholeSize {
  /** Of the input, in the reader's unit. */
  readonly units: number | null;
  readonly chunks: number | null;
}

/** Whether a batch may end as soon as enough is settled. A redrive does the rest, so it never does. */
export function endsWithEnough(batch: Fields): boolean {
  return generationOf(batch) === 0 && (isNumber(batch["enoughItems"]) || isNumber(batch["enoughPercent"]));
}

/**
 * Why the settled `totals` are enough, in words; `null` if they are not. A percentage is one of the input; of
 * an input whose size is not known it is one of the chunks, once these are planned.
 */
export function enoughOf(
  batch: Fields,
  totals: Pick<Totals, "succeeded" | "units" | "chunks">,
  whole: WholeSize,
): string | null {
  const { enoughItems: items, enoughPercent: percent } = batch;
  if (isNumber(items) && totals.succeeded >= items) {
    return `${totals.succeeded} items succeeded, ${items} are enough`;
  }
  if (!isNumber(percent)) return null;
  const [done, all] = whole.units === null ? [totals.chunks, whole.chunks] : [totals.units, whole.units];
  if (all === null || all === 0 || done * 100 < percent * all) return null;
  return `${Math.floor((done / all) * 100)} % of the input is done, ${percent} % are enough`;
}

/** When the batch ends with what is settled then, in milliseconds since the epoch; `null`: at no time. */
export function enoughAt(batch: Fields): number | null {
  const { enoughAt: at } = batch;
  return generationOf(batch) === 0 && isNumber(at) ? at : null;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}
