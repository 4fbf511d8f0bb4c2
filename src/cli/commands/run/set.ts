/** `fanjoin set`: changes how a batch runs. */
import { Command, InvalidArgumentError } from "commander";
import { BATCH, positive, withJson } from "../../common-options.ts";
import type { JsonOption, PlaceOptions } from "../../common-options.ts";
import { say } from "../../display/standard-error.ts";
import { printJson } from "../../display/standard-output.ts";
import { usage } from "../../../core/errors/errors.ts";
import { SETTING_NAMES } from "../../../core/records/batch/settings.ts";
import type { SettingName, Settings } from "../../../core/records/batch/settings.ts";
import { placeOf } from "../../place.ts";
import { withPlace } from "../place-option.ts";

/** As options and messages name them. */
const WORDS = {
  threads: "threads",
  priority: "priority",
  inFlight: "in-flight",
  perSecond: "per-second",
} as const satisfies Record<SettingName, string>;

interface SetOptions extends Omit<PlaceOptions, "threads">, JsonOption, Settings {}

const HELP = `
It holds until the batch ends, also over a resume, and reaches what runs within a second, or two on AWS: chunks
of a batch that had no such limit end first. Of several batches of one job that run here, the most threads
count. Batches share the threads fairly; those of a higher priority come first. A stack refuses --threads and
--priority, and says why.

Examples:
  fanjoin set latest --threads 2
  fanjoin set 01KB --priority 10
  fanjoin set 01KB --per-second 20 --in-flight 8`;

export function setCommand(): Command {
  const command = new Command("set")
    .description("change how a batch runs, even if another process runs it")
    .argument("<batch>", BATCH)
    .option("--threads <n>", "how many chunks of its job run at once", positive)
    .option("--priority <n>", "of waiting batches, the highest comes first (default: 0)", wholeOrNegative)
    .option("--in-flight <n>", "how many items are in process at once, everywhere together", positive)
    .option("--per-second <n>", "how many items begin in a second, everywhere together", rate);
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

function rate(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError("It must be a number above 0, such as 20 or 0.5.");
}

async function set(named: string, options: SetOptions): Promise<void> {
  const given = SETTING_NAMES.filter((name) => options[name] !== undefined);
  if (given.length === 0) {
    const flags = Object.values(WORDS).map((word) => `--${word}`);
    throw usage(`nothing to set: give one or more of ${flags.join(", ")}`);
  }
  // This process runs no chunk.
  await using place = await placeOf({ ...options, threads: 1 });
  const batch = await place.find(named);
  const settings: Settings = Object.fromEntries(given.map((name) => [name, options[name]]));
  const summary = await batch.set(settings);
  await place.fanjoin.close();
  if (options.json) printJson(summary);
  const words = given.map((name) => `${WORDS[name]} ${settings[name]}`);
  say(`batch ${batch.id} now has ${words.join(", ")}`);
}
