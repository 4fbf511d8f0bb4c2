/** Runs a sample of an input, for an estimate of what the whole would cost on AWS. */
import { estimateOf } from "../../batch/estimate.ts";
import type { Estimate } from "../../batch/estimate.ts";
import { readBatch, parseSpec } from "../../batch/spec.ts";
import { committedTotals } from "../../batch/summary/progress.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { DryRunOptions } from "./dry-run.ts";
import { checkMaxItems } from "../../door/max-items.ts";
import { readDirectory } from "../directory-files.ts";
import { tried } from "./trial.ts";

/** How many items are run by default. */
export const SAMPLE_ITEMS = 1000;

/**
 * `process` runs for the first `maxItems` items (1,000 by default), with all that it does elsewhere. Their
 * results are deleted. Throws as `submit`, and the error of a batch that failed as a whole.
 */
export async function estimate(job: string | URL, options: DryRunOptions = {}): Promise<Estimate> {
  const { maxItems = SAMPLE_ITEMS } = options;
  checkMaxItems(maxItems);
  const trial = { name: "estimate", where: "estimate()", isTrial: true } as const;
  return tried(trial, job, { ...options, maxItems }, async (batch, { directory }) => {
    const { error } = await batch.summary();
    if (error !== null) throw new FanjoinError(error.code, error.message);
    return readDirectory(directory, async (ledger) => {
      const fields = await readBatch(ledger, batch.id);
      return estimateOf(parseSpec(batch.id, fields), committedTotals(fields ?? {}));
    });
  });
}
