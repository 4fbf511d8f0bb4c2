/** Continues a batch of a directory in this process, and follows it to its end. */
import { parseSpec, readSpec } from "../../batch/spec.ts";
import { summarize } from "../../batch/summary.ts";
import { hasEnded } from "../../core/records/batch.ts";
import type { Engine } from "../../local/engine/engine.ts";
import type { WorkOptions } from "../batches.ts";
import type { ExitCode } from "../exit-codes.ts";
import { followBatch } from "../follow/follow-batch.ts";
import { reportOutcome } from "../follow/report-outcome.ts";
import { filesIn, locateIn, readDirectory } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { engineSource } from "./follow-engine.ts";
import { loadRecordedJob } from "./load-job.ts";
import { say } from "../display/standard-error.ts";
import { nothingToResume } from "../follow/report-outcome.ts";
import { latestToResume, pickBatch } from "./pick-batch.ts";
import { withEngine } from "./with-engine.ts";

/** Without an `id`: the latest unfinished batch, or the latest one if all have ended. */
export async function resumeLocally(
  id: string | undefined,
  options: WorkOptions & DirectoryOption,
): Promise<ExitCode> {
  const { dir } = options;
  const { batch, fields, ended } = await readDirectory(options, async (ledger) => {
    const found = id === undefined ? await latestToResume(ledger, dir) : await pickBatch(ledger, id, dir);
    const summary = hasEnded(found.fields)
      ? await summarize(ledger, found.batch, found.fields, locateIn(options))
      : null;
    return { ...found, ended: summary };
  });
  if (ended) {
    if (id === undefined) say(nothingToResume(batch));
    return reportOutcome(ended, options, filesIn(options));
  }
  const { job } = parseSpec(batch, fields);
  return withEngine(options, (engine, log) => {
    const begun = continueBatch(engine, batch, options.job);
    return followBatch(engineSource({ engine, log, batch, job }, options), options, begun);
  });
}

async function continueBatch(engine: Engine, batch: string, jobFile: string | undefined): Promise<void> {
  await loadRecordedJob(engine, await readSpec(engine.ledger, batch), jobFile);
  await engine.resume(batch);
}
