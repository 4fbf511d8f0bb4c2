/** `fanjoin resume`: goes on with a batch that was interrupted. */
import { Command } from "commander";
import { hasEnded } from "../core/batch.ts";
import { parseSpec } from "../steps/batch.ts";
import { summarize } from "../steps/summary.ts";
import { locateIn, look, withDirectory } from "./directory-option.ts";
import type { ExitCode } from "./exit-codes.ts";
import { follow, takeUp, toldExitCode, withEngine } from "./follow.ts";
import type { FollowOptions } from "./follow.ts";
import { withConcurrency, withOutcome } from "./options.ts";
import type { ConcurrencyOption } from "./options.ts";
import { latestUnfinished, pickBatch } from "./pick-batch.ts";
import { checkOutput } from "./tell.ts";

type ResumeOptions = FollowOptions & ConcurrencyOption;

const EXAMPLES = `
What is settled stays settled: only what is missing is run. A batch that has ended is reported again.

Examples:
  fanjoin resume
  fanjoin resume 01KB --output totals.json`;

export function resumeCommand(): Command {
  const command = new Command("resume")
    .description("go on with a batch that was interrupted or killed")
    .argument("[batch]", "its id, or the beginning of it; default: the latest unfinished one");
  return withOutcome(withConcurrency(withDirectory(command)))
    .addHelpText("after", EXAMPLES)
    .action(async (batch: string | undefined, options: ResumeOptions) => {
      process.exitCode = await resume(batch, options);
    });
}

async function resume(given: string | undefined, options: ResumeOptions): Promise<ExitCode> {
  await checkOutput(options);
  const { dir } = options;
  const found = await look(options, async (ledger) => {
    const one =
      given === undefined ? await latestUnfinished(ledger, dir) : await pickBatch(ledger, given, dir);
    const ended = hasEnded(one.fields)
      ? await summarize(ledger, one.batch, one.fields, locateIn(options))
      : null;
    return { ...one, ended };
  });
  if (found.ended) return toldExitCode(found.ended, options);
  const { batch, fields } = found;
  const { job } = parseSpec(batch, fields);
  return withEngine(options, (engine, log) =>
    follow(engine, log, { batch, job }, options, () => takeUp(engine, batch)),
  );
}
