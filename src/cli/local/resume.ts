/** Goes on with a batch of a directory, in this process, and stays until its end. */
import { hasEnded } from "../../core/records/batch.ts";
import { parseSpec } from "../../batch/spec.ts";
import { summarize } from "../../batch/summary.ts";
import type { WorkOptions } from "../batches.ts";
import { filesIn, locateIn, look } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import type { ExitCode } from "../exit-codes.ts";
import { follow, takeUp, withEngine } from "./follow-engine.ts";
import { latestUnfinished, pickBatch } from "./pick-batch.ts";
import { toldExitCode } from "../follow/report-outcome.ts";

export async function resumeHere(
  given: string | undefined,
  options: WorkOptions & DirectoryOption,
): Promise<ExitCode> {
  const { dir } = options;
  const found = await look(options, async (ledger) => {
    const one =
      given === undefined ? await latestUnfinished(ledger, dir) : await pickBatch(ledger, given, dir);
    const ended = hasEnded(one.fields)
      ? await summarize(ledger, one.batch, one.fields, locateIn(options))
      : null;
    return { ...one, ended };
  });
  if (found.ended) return toldExitCode(found.ended, options, filesIn(options));
  const { batch, fields } = found;
  const { job } = parseSpec(batch, fields);
  return withEngine(options, (engine, log) =>
    follow(engine, log, { batch, job }, options, () => takeUp(engine, batch)),
  );
}
