/** `fanjoin set`: changes how a batch runs. */
import { Command, InvalidArgumentError } from "commander";
import { BATCH, positive, withJson } from "../../common-options.ts";
import type { JsonOption, PlaceOptions } from "../../common-options.ts";
import { say } from "../../display/standard-error.ts";
import { printJson } from "../../display/standard-output.ts";
import { usage } from "../../../core/errors/errors.ts";
import { placeOf } from "../../place.ts";
import { withPlace } from "../place-option.ts";

interface SetOptions extends Omit<PlaceOptions, "threads">, JsonOption {
  readonly threads?: number;
  readonly priority?: number;
}

const HELP = `
It holds until the batch ends, also over a resume. Of several batches of one job that run here, the most threads
count. Batches share the threads fairly; those of a higher priority come first. On AWS neither can be set.

Examples:
  fanjoin set latest --threads 2
  fanjoin set 01KB --priority 10`;

export function setCommand(): Command {
  const command = new Command("set")
    .description("change how a batch runs, even if another process runs it")
    .argument("<batch>", BATCH)
    .option("--threads <n>", "how many chunks of its job run at once", positive)
    .option("--priority <n>", "of waiting batches, the highest comes first (default: 0)", wholeOrNegative);
  // A stack says itself why it has no threads to set.
  return withJson(withPlace(command, ["dir"]), "print the batch summary as JSON")
    .addHelpText("after", HELP)
    .action(set);
}

function wholeOrNegative(text: string): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("It must be a whole number.");
}

async function set(named: string, options: SetOptions): Promise<void> {
  const { threads, priority } = options;
  if (threads === undefined && priority === undefined)
    throw usage("nothing to set: give --threads or --priority");
  // This process runs no chunk.
  await using place = await placeOf({ ...options, threads: 1 });
  const batch = await place.find(named);
  const settings = {
    ...(threads === undefined ? {} : { threads }),
    ...(priority === undefined ? {} : { priority }),
  };
  const summary = await batch.set(settings);
  await place.fanjoin.close();
  if (options.json) printJson(summary);
  const words = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  say(`batch ${batch.id} now has ${words.join(", ")}`);
}
