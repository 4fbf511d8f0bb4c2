/** Redrives a batch of a directory, in this process, and stays until its end. */
import type { RedriveFilter } from "../../core/redrive-filter.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import type { WorkOptions } from "../batches.ts";
import { filesIn } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import type { ExitCode } from "../exit-codes.ts";
import { follow, loadJobOf, withEngine } from "./follow-engine.ts";
import { toldExitCode } from "../follow/report-outcome.ts";

export async function redriveHere(
  summary: BatchSummary,
  filter: RedriveFilter | null,
  options: WorkOptions & DirectoryOption,
): Promise<ExitCode> {
  const { batch, job } = summary;
  return withEngine(options, async (engine, log) => {
    await loadJobOf(engine, batch);
    if (await engine.redrive(batch, filter)) {
      return follow(engine, log, { batch, job }, options, async () => undefined);
    }
    console.error(`batch ${batch} has nothing to redrive: no item failed`);
    return toldExitCode(summary, options, filesIn(options));
  });
}
