/** Redrives a batch of a directory in this process, and follows it to its end. */
import { readSpec } from "../../batch/spec.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import type { RedriveFilter } from "../../core/redrive-filter.ts";
import type { WorkOptions } from "../batches.ts";
import type { ExitCode } from "../exit-codes.ts";
import { followBatch } from "../follow/follow-batch.ts";
import { reportOutcome } from "../follow/report-outcome.ts";
import { filesIn } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { engineSource } from "./follow-engine.ts";
import { loadRecordedJob } from "./load-job.ts";
import { withEngine } from "./with-engine.ts";
import { say } from "../display/standard-error.ts";

export async function redriveLocally(
  summary: BatchSummary,
  filter: RedriveFilter | null,
  options: WorkOptions & DirectoryOption,
): Promise<ExitCode> {
  const { batch, job } = summary;
  return withEngine(options, async (engine, log) => {
    await loadRecordedJob(engine, await readSpec(engine.ledger, batch), options.job);
    if (await engine.redrive(batch, filter))
      return followBatch(engineSource({ engine, log, batch, job }, options), options);
    say(`batch ${batch} has nothing to redrive: no item failed`);
    return reportOutcome(summary, options, filesIn(options));
  });
}
