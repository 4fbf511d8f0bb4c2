/** How many failed items a batch tolerates. The fields of the batch's record say it. */
import type { Failure } from "../batch.ts";
import type { Fields } from "../../record.ts";
import type { Totals } from "../../totals.ts";

/** The known counts of a batch that runs. `items`: how many its input has; `null` if that is not known. */
export interface Tried {
  readonly failed: number;
  readonly tried: number;
  readonly items: number | null;
}

/**
 * The failure of a batch in which more items failed than it tolerates; `null` if it tolerates them. An absent
 * `tolerateCount` or `toleratePercent` tolerates any number. A chunk that was given up counts as one failed
 * item, because at least one of its items is to blame.
 */
export function exceeded(batch: Fields, totals: Totals): Failure | null {
  const { tolerateCount: count, toleratePercent: percent } = batch;
  const tried = totals.succeeded + totals.failed;
  const givenUp = totals.broken === 0 ? "" : `, ${chunksText(totals.broken)} given up`;
  const failed = `${totals.failed} of ${tried} items failed${givenUp}`;
  if (typeof count === "number" && totals.failed + totals.broken > count) {
    return { code: "TOO_MANY_FAILURES", message: `${failed}, the job tolerates ${count}` };
  }
  if (typeof percent === "number" && totals.failed * 100 > percent * tried) {
    return { code: "TOO_MANY_FAILURES", message: `${failed}, the job tolerates ${percent} %` };
  }
  return null;
}

function chunksText(chunks: number): string {
  return chunks === 1 ? "1 chunk was" : `${chunks} chunks were`;
}

/**
 * The failure of a batch that runs and cannot be tolerated any more; `null` if it may be. A count is exceeded
 * for good. So is a percentage of an input whose number of items is known. Of another input, the share of the
 * items tried so far decides, once these are at least `tolerateSample`: without one, only the end decides.
 */
export function exceededEarly(batch: Fields, { failed, tried, items }: Tried): Failure | null {
  const { tolerateCount: count, toleratePercent: percent, tolerateSample: sample } = batch;
  const some = failed === 1 ? "1 item" : `${failed} items`;
  if (typeof count === "number" && failed > count) {
    return { code: "TOO_MANY_FAILURES", message: `${some} failed, the job tolerates ${count}` };
  }
  if (typeof percent !== "number") return null;
  if (items !== null && failed * 100 > percent * items) {
    return {
      code: "TOO_MANY_FAILURES",
      message: `${some} failed, the job tolerates ${percent} % of ${items}`,
    };
  }
  if (typeof sample === "number" && tried >= sample && failed * 100 > percent * tried) {
    return {
      code: "TOO_MANY_FAILURES",
      message: `${failed} of the first ${tried} items failed, the job tolerates ${percent} %`,
    };
  }
  return null;
}
