/** `fanjoin run`: runs a batch on this machine and waits for its end. */
import { Command } from "commander";
import {
  submitOptions,
  withBatchOptions,
  withDirectory,
  withInsecureEndpoint,
  withOutcome,
  withThreads,
  withTurn,
} from "../common-options.ts";
import type { NewBatchOptions, OutcomeOptions, PlaceOptions } from "../common-options.ts";
import type { Batch, FoundInput, SubmitOptions } from "../../door/fanjoin.ts";
import { devFor } from "../../open/running-dev.ts";
import { say } from "../display/standard-error.ts";
import type { ExitCode } from "../exit-codes.ts";
import { checkOutput, checkOutputIsNotInput } from "../follow/check-output.ts";
import { followBatch } from "../follow/follow-batch.ts";
import { directoryPlace } from "../place.ts";
import type { CommandPlace } from "../place.ts";
import { withStandardInput } from "../standard-input.ts";

type RunOptions = NewBatchOptions & OutcomeOptions & PlaceOptions;

const EXAMPLES = `
Without an input, the job's own source is used (a range, a generator, inline
items).

Examples:
  fanjoin run sales.ts sales.csv
  fanjoin run sales.ts 'data/*.csv' --output totals.json
  gzip -dc sales.csv.gz | fanjoin run sales.ts -
  fanjoin run sales.ts sales.csv --json | jq .result.value
  fanjoin run sales.ts sales.csv --id 2026-11-21  # again: reports the first run`;

export function runCommand(): Command {
  const command = new Command("run")
    .description("run a batch on this machine and wait for its end")
    .argument("<job>", "a module with a job as its default export, e.g. sales.ts")
    .argument("[input...]", "files, directories, globs, s3:// URLs; - is standard input");
  withTurn(withThreads(withDirectory(command)));
  return withInsecureEndpoint(withOutcome(withBatchOptions(command, "run")))
    .addHelpText("after", EXAMPLES)
    .action(async (job: string, inputs: string[], options: RunOptions) => {
      process.exitCode = await run(job, inputs, options);
    });
}

async function run(job: string, inputs: readonly string[], options: RunOptions): Promise<ExitCode> {
  await checkOutput(options);
  const given = submitOptions(options);
  await using place = await directoryPlace(options);
  const dev = devFor(options.dir, job);
  const begin = async (interrupted: AbortSignal): Promise<Batch> => {
    const submission = {
      ...given,
      input: withStandardInput(inputs, { quiet: options.quiet === true, interrupted }),
      onInputs: (found: readonly FoundInput[]) => checkOutputIsNotInput(options.output, found, job),
    };
    return dev === null ? place.fanjoin.submit(job, submission) : submitToDev(place, dev, submission);
  };
  return await followBatch({ place, announce: "if it runs", here: dev === null, begin }, options);
}

/** The `fanjoin dev` that owns the directory runs the batch. It is followed, and read, in the directory. */
async function submitToDev(
  place: CommandPlace,
  { endpoint, token, job, pid }: NonNullable<ReturnType<typeof devFor>>,
  submission: SubmitOptions,
): Promise<Batch> {
  say(`fanjoin dev (process ${pid}) works in this directory, and runs the batch`);
  const { connect } = await import("../../client/connect.ts");
  await using dev = await connect({ endpoint, token });
  const { id } = await dev.submit(job, submission);
  return await place.find(id);
}
