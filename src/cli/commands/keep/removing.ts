/** Removes batches, or says what would be removed. */
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import { bytes, counted } from "../../../format.ts";
import type { JsonOption } from "../../common-options.ts";
import { escapeLine } from "../../display/escape.ts";
import { print, printJson } from "../../display/standard-output.ts";
import type { CommandPlace } from "../../place.ts";

export interface RemovingOptions extends JsonOption {
  /** Nothing is removed. */
  readonly dryRun?: true;
}

/** As `--json` has it. */
interface RemovedBatch extends Pick<BatchSummary, "batch" | "job" | "state" | "endedAt"> {
  readonly bytes: number;
}

/** A failure on the way is thrown after the batches that were removed before it have been listed. */
export async function removeBatches(
  { fanjoin }: CommandPlace,
  summaries: readonly BatchSummary[],
  { json, dryRun }: RemovingOptions,
): Promise<void> {
  const removed: RemovedBatch[] = [];
  try {
    for (const { batch, job, state, endedAt } of summaries) {
      const found = await fanjoin.batch(batch);
      const size = await found.bytes();
      if (!dryRun) await found.remove();
      removed.push({ batch, job, state, endedAt, bytes: size });
      if (!json) print([batch, job, state].map(escapeLine).concat(bytes(size)).join("  "));
    }
  } finally {
    if (json) printJson(removed);
    else print(closing(removed, dryRun === true));
  }
}

function closing(removed: readonly RemovedBatch[], dryRun: boolean): string {
  const size = bytes(removed.reduce((sum, one) => sum + one.bytes, 0));
  const what = `${counted(removed.length, "batch", "batches")}, ${size}`;
  return dryRun ? `would remove ${what}` : `removed ${what}`;
}
