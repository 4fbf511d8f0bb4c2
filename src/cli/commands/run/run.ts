/** `fanjoin run`: runs a batch on this machine and waits for its end. */
import { Command, Option } from "commander";
import { usage } from "../../../core/errors/errors.ts";
import {
  positive,
  submitOptions,
  withBatchOptions,
  withDirectory,
  withInsecureEndpoint,
  withOutcome,
  withThreads,
  withTurn,
} from "../../common-options.ts";
import type { NewBatchOptions, OutcomeOptions, PlaceOptions } from "../../common-options.ts";
import type { Batch, FoundInput, SubmitOptions } from "../../../door/fanjoin.ts";
import type { RunPage } from "../../../dev/page/run-page.ts";
import { devFor } from "../../../open/running-dev.ts";
import { say } from "../../display/standard-error.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { checkOutput, checkOutputIsNotInput } from "../../follow/check-output.ts";
import { dryRunCommand } from "../../follow/dry-run.ts";
import { estimateCommand } from "../../follow/estimate.ts";
import type { EstimateOptions } from "../../follow/estimate.ts";
import { followBatch } from "../../follow/follow-batch.ts";
import { withOnEnd } from "../../follow/on-end.ts";
import type { OnEndOption } from "../../follow/on-end.ts";
import { reportOutcome } from "../../follow/report-outcome.ts";
import { runWithChaos } from "../../follow/run-chaos.ts";
import type { RunManner } from "../../follow/run-chaos.ts";
import { checkCollects, checkStream, withStream } from "../../follow/stream-outputs.ts";
import { directoryPlace } from "../../place.ts";
import type { CommandPlace } from "../../place.ts";
import { withStandardInput } from "../../standard-input.ts";

interface RunOptions extends NewBatchOptions, OutcomeOptions, PlaceOptions, OnEndOption, EstimateOptions {
  readonly chaos?: number;
  readonly dryRun?: true;
  readonly pulled?: string;
  readonly open?: true;
}

const EXAMPLES = `
Without an input, the job's own source is used (a range, a generator, inline
items).

Examples:
  fanjoin run sales.ts sales.csv
  fanjoin run sales.ts 'data/*.csv' --output totals.json
  gzip -dc sales.csv.gz | fanjoin run sales.ts -
  fanjoin run sales.ts sales.csv --json | jq .result.value
  fanjoin run clean.ts rows.csv --stream | head -3
  fanjoin run sales.ts sales.csv --open  # and see it in a browser
  fanjoin run sales.ts sales.csv --dry-run --max-items 1000
  fanjoin run sales.ts sales.csv --estimate --yes
  fanjoin run sales.ts --pulled pulled-01KB   # what \`fanjoin pull\` wrote
  fanjoin run sales.ts sales.csv --id 2026-11-21  # again: reports the first run`;

export function runCommand(): Command {
  const command = new Command("run")
    .description("run a batch on this machine and wait for its end")
    .argument("<job>", "a module with a job as its default export, e.g. sales.ts")
    .argument("[input...]", "files, directories, globs, s3:// URLs; - is standard input");
  withTurn(withThreads(withDirectory(command)));
  withOnEnd(command, "chaos", "dryRun");
  return withInsecureEndpoint(withStream(withOutcome(withBatchOptions(command, "run"))))
    .addOption(chaosOption())
    .addOption(dryRunOption())
    .addOption(estimateOption())
    .option("--yes", "with --estimate: do not ask")
    .addOption(pulledOption())
    .addOption(openOption())
    .addHelpText("after", EXAMPLES)
    .action(async (job: string, inputs: string[], options: RunOptions) => {
      process.exitCode = await run(job, inputs, options);
    });
}

/** With an id the second batch would be the first one; a stream would have the outputs of both. */
function chaosOption(): Option {
  const text = "run twice, the second time with killed threads and other cuts, and compare";
  return new Option("--chaos <seed>", text).argParser(positive).conflicts(["id", "stream"]);
}

function dryRunOption(): Option {
  const text = "only read and validate the items, and say which would fail";
  return new Option("--dry-run", text).conflicts(["chaos", "stream"]);
}

function estimateOption(): Option {
  const text = "say what the batch would cost on AWS: runs a sample here, and deletes its results";
  const others = ["id", "dryRun", "chaos", "stream", "pulled", "output", "onEnd"];
  return new Option("--estimate", text).conflicts(others);
}

/** The pulled batch has its own input and settings. */
function pulledOption(): Option {
  return new Option("--pulled <dir>", "run the chunks that `fanjoin pull` wrote there").conflicts([
    "id",
    "params",
    "chunkItems",
    "chunkBytes",
    "maxItems",
    "dryRun",
    "chaos",
  ]);
}

function openOption(): Option {
  const text = "show the batch in a browser for as long as it runs here";
  return new Option("--open", text).conflicts(["chaos", "dryRun"]);
}

async function run(job: string, inputs: readonly string[], options: RunOptions): Promise<ExitCode> {
  await checkOutput(options);
  checkStream(options);
  const { chaos, dryRun, pulled } = options;
  if (pulled !== undefined && inputs.length > 0)
    throw usage(`--pulled brings its own input: leave out ${inputs[0]}`);
  if (options.estimate) return estimateCommand(job, inputs, options);
  if (options.yes) throw usage("--yes goes with --estimate");
  if (dryRun) return dryRunCommand(job, inputs, options);
  if (chaos === undefined) return runOnce(job, inputs, options, { report: reportOutcome });
  if (inputs.includes("-")) throw usage("--chaos reads the input twice: give a file in place of -");
  return runWithChaos(chaos, (manner) => runOnce(job, inputs, options, manner));
}

async function runOnce(
  job: string,
  inputs: readonly string[],
  options: RunOptions,
  { chaos, chunkItems, report }: RunManner,
): Promise<ExitCode> {
  const given = submitOptions(options);
  const chunk = chunkItems === undefined ? given.chunk : { items: chunkItems };
  await using place = await directoryPlace(options, chaos);
  await using page = options.open ? await pageOf(options.dir) : null;
  // It would not disturb anything.
  const { pulled } = options;
  const dev = chaos === undefined && pulled === undefined ? devFor(options.dir, job) : null;
  const begin = async (interrupted: AbortSignal): Promise<Batch> => {
    const submission = {
      ...given,
      chunk,
      pulled,
      input: withStandardInput(inputs, { quiet: options.quiet === true, interrupted }),
      onJob: checkCollects(options),
      onInputs: (found: readonly FoundInput[]) => checkOutputIsNotInput(options.output, found, job),
    };
    const batch = await (dev === null
      ? place.fanjoin.submit(job, submission)
      : submitToDev(place, dev, submission));
    page?.show(batch.id);
    return batch;
  };
  const following = { place, announce: "if it runs", here: dev === null, begin } as const;
  return await followBatch(following, options, report);
}

/** Loaded here, so that other runs start without a server's modules. */
async function pageOf(directory: string): Promise<RunPage> {
  const { openRunPage } = await import("../../../dev/page/run-page.ts");
  const { shippedPage } = await import("../../../dev/page/shipped-page.ts");
  return openRunPage(directory, shippedPage);
}

/** The `fanjoin dev` that owns the directory runs the batch. It is followed, and read, in the directory. */
async function submitToDev(
  place: CommandPlace,
  { endpoint, token, job, pid }: NonNullable<ReturnType<typeof devFor>>,
  submission: SubmitOptions,
): Promise<Batch> {
  say(`fanjoin dev (process ${pid}) works in this directory, and runs the batch`);
  const { connect } = await import("../../../client/connect.ts");
  await using dev = await connect({ endpoint, token });
  const { id } = await dev.submit(job, submission);
  return await place.find(id);
}
