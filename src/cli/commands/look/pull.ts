/** `fanjoin pull`: brings chunks of a batch here, to be run again with `fanjoin run --pulled`. */
import { Command, InvalidArgumentError, Option } from "commander";
import { usage } from "../../../core/errors/errors.ts";
import { bytes, counted } from "../../../format.ts";
import { quoted } from "../../../core/quoted.ts";
import { writePulled } from "../../../open/pulled/write-pulled.ts";
import { withLookedAt } from "../../common-options.ts";
import type { PlaceOptions } from "../../common-options.ts";
import { say } from "../../display/standard-error.ts";
import { placeOf } from "../../place.ts";
import { fanjoinCommand } from "../../shell-command.ts";
import { withPlace } from "../place-option.ts";
import { notEnded } from "./result.ts";

interface PullCommandOptions extends PlaceOptions {
  readonly chunk?: number;
  readonly failed?: true;
  readonly output?: string;
}

const EXAMPLES = `
A chunk is a range of the input; \`fanjoin failed\` names the chunk of each failed
item. Nothing else of the input is fetched but what comes before the first
record, such as a header; of a Parquet file the row groups, by the columns that
the job reads, and the footer. The directory is readable for you alone.

Examples:
  fanjoin pull 01KB --failed --stack prod
  fanjoin run sales.ts --pulled pulled-01KB…
  fanjoin pull 01KB --chunk 17 --output case-17`;

export function pullCommand(): Command {
  const command = new Command("pull").description(
    "bring the input of chunks of an ended batch here, to run them again",
  );
  const one = new Option("--chunk <n>", "this chunk").argParser(chunkNumber).conflicts("failed");
  return withPlace(withLookedAt(command).addOption(one))
    .option("--failed", "the chunks that have failed items (the default)")
    .option("--output <dir>", "a new or empty directory (default: pulled-BATCH)")
    .addHelpText("after", EXAMPLES)
    .action(pull);
}

function chunkNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number, from 0.");
}

async function pull(named: string, options: PullCommandOptions): Promise<void> {
  await using place = await placeOf(options);
  const batch = await place.find(named);
  const summary = await batch.summary();
  if (summary.endedAt === null) throw notEnded(summary, place);
  const { chunk, output = `pulled-${batch.id}` } = options;
  if (output === "") throw usage("--output is empty: name a directory");
  const written = await writePulled(output, batch.pull(chunk === undefined ? { failed: true } : { chunk }));
  if (written.chunks === 0) {
    say(`no item of batch ${batch.id} failed: there is nothing to pull`);
    return;
  }
  const what = `${counted(written.chunks, "chunk")} of ${batch.job}, ${bytes(written.bytes)} of input`;
  say(`pulled ${what}, into ${output}. To run them here:`);
  say(`  ${fanjoinCommand(`run JOB.ts --pulled ${quoted(output)}`, [])}`);
}
