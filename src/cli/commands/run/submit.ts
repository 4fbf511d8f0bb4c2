/** `fanjoin submit`: starts a batch of a deployed job. */
import { usage } from "../../../core/errors/errors.ts";
import { Command, Option } from "commander";
import type { Batch } from "../../../door/fanjoin.ts";
import { submitOptions, withBatchOptions, withOutcome } from "../../common-options.ts";
import type { NewBatchOptions, OutcomeOptions, PlaceOptions } from "../../common-options.ts";
import { say } from "../../display/standard-error.ts";
import { EXIT } from "../../exit-codes.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { checkOutput, checkOutputIsNotInput } from "../../follow/check-output.ts";
import { followBatch } from "../../follow/follow-batch.ts";
import { listenForInterrupts, STOPPING } from "../../follow/interrupts.ts";
import { withOnEnd } from "../../follow/on-end.ts";
import type { OnEndOption } from "../../follow/on-end.ts";
import { printOutcome, reportOutcome } from "../../follow/report-outcome.ts";
import { stackPlace } from "../../place.ts";
import type { CommandPlace } from "../../place.ts";
import { withStandardInput } from "../../standard-input.ts";
import { withRemote } from "../place-option.ts";

type SubmitOptions = NewBatchOptions &
  OutcomeOptions &
  PlaceOptions &
  OnEndOption & { readonly dryRun?: true; readonly estimate?: true };

const EXAMPLES = `
Local files are first uploaded through signed URLs. Without an input, the job's
own source is used. Requests are signed with your AWS credentials; or set
FANJOIN_API_KEY, or FANJOIN_TOKEN for \`fanjoin dev\`.

Examples:
  fanjoin submit sales sales.csv --stack prod
  fanjoin submit sales 'data/*.csv' --stack prod --wait --output totals.json
  fanjoin submit sales s3://my-bucket/2026/ --stack prod
  fanjoin submit sales sales.csv --stack prod --id 2026-11-21`;

export function submitCommand(): Command {
  const command = new Command("submit")
    .description("start a batch of a deployed job, on a stack or on `fanjoin dev`")
    .argument("<job-name>", "the name of the deployed job")
    .argument("[input...]", "files, directories, globs, s3:// URLs; - is standard input");
  withRemote(command).option("--wait", "follow the batch to its end, as `fanjoin run` does");
  // Refused with a sentence: `run` has it.
  command.addOption(new Option("--dry-run").hideHelp()).addOption(new Option("--estimate").hideHelp());
  return withOnEnd(withOutcome(withBatchOptions(command, "submit")))
    .addHelpText("after", EXAMPLES)
    .action(async (job: string, inputs: string[], options: SubmitOptions) => {
      await checkOptions(job, options);
      process.exitCode = await submit(job, inputs, options);
    });
}

async function checkOptions(
  job: string,
  { stack, endpoint, wait, output, json, dryRun, onEnd, estimate }: SubmitOptions,
): Promise<void> {
  if (dryRun) {
    throw usage(
      "--dry-run reads and validates items on this machine, with the job's file: use `fanjoin run JOB.ts … --dry-run`",
    );
  }
  if (estimate) {
    throw usage(
      "--estimate runs a sample on this machine, with the job's file: use `fanjoin run JOB.ts … --estimate`",
    );
  }
  if (stack === undefined && endpoint === undefined) {
    throw usage(
      `where is ${job} deployed? Give --stack NAME or --endpoint URL. To run a batch on this machine, use \`fanjoin run\``,
    );
  }
  if (onEnd !== undefined && wait !== true)
    throw usage("--on-end runs a command at the end, which this command does not wait for: add --wait");
  if (output !== undefined && wait !== true)
    throw usage("--output needs the result, which exists only at the end: add --wait");
  await checkOutput({ ...(output === undefined ? {} : { output }), ...(json ? { json } : {}) });
}

interface SubmittedBatch {
  readonly batch: Batch;
  /** The user pressed Ctrl-C when the batch could no longer be held back. */
  readonly interrupted: boolean;
}

async function submit(job: string, inputs: readonly string[], options: SubmitOptions): Promise<ExitCode> {
  const given = submitOptions(options);
  await using place = await stackPlace(options);
  const submitted = await begin(place, { job, inputs, given, options });
  if (submitted === null) {
    say("interrupted: no batch was started");
    return EXIT.interrupted;
  }
  const { batch, interrupted } = submitted;
  if (options.wait && !interrupted)
    return await followBatch({ place, begin: async () => batch, announce: "at once", here: false }, options);
  return await reportSubmitted(place, submitted, options);
}

interface Submission {
  readonly job: string;
  readonly inputs: readonly string[];
  readonly given: ReturnType<typeof submitOptions>;
  readonly options: SubmitOptions;
}

/** `null` if the user pressed Ctrl-C before the batch was submitted. */
async function begin(
  { fanjoin }: CommandPlace,
  { job, inputs, given, options }: Submission,
): Promise<SubmittedBatch | null> {
  const { output, quiet } = options;
  const stop = new AbortController();
  let isSubmitting = false;
  let interrupted = false;
  using interrupts = listenForInterrupts();
  void interrupts.first.then(() => {
    interrupted = true;
    say(STOPPING);
    if (!isSubmitting) stop.abort();
  });
  try {
    const batch = await fanjoin.submit(job, {
      ...given,
      input: withStandardInput(inputs, { quiet: quiet === true, interrupted: stop.signal }),
      signal: stop.signal,
      onInputs: (found) => checkOutputIsNotInput(output, found),
      onSubmit: () => (isSubmitting = true),
    });
    return { batch, interrupted };
  } catch (error) {
    if (stop.signal.aborted) return null;
    throw error;
  }
}

/** A batch that has ended was begun by an earlier submit with the same id: it is reported. */
async function reportSubmitted(
  place: CommandPlace,
  { batch, interrupted }: SubmittedBatch,
  options: SubmitOptions,
): Promise<ExitCode> {
  const summary = await batch.summary();
  if (summary.endedAt !== null) return await reportOutcome(summary, options, batch);
  const code = interrupted ? EXIT.interrupted : EXIT.succeeded;
  process.exitCode = code;
  await printOutcome(summary, options.json ? { json: true } : {}, batch);
  say(`To follow it:\n  ${place.command(`watch ${batch.id}`)}`);
  return code;
}
