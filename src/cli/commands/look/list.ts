/** `fanjoin list`: lists the batches of a directory or a stack. */
import { Command, Option } from "commander";
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import { BATCH_STATES } from "../../../core/records/batch/batch.ts";
import type { BatchState } from "../../../core/records/batch/batch.ts";
import { positive, withJson } from "../../common-options.ts";
import type { JsonOption, PlaceOptions } from "../../common-options.ts";
import { terminalTable, wholeTable } from "../../display/batch-table.ts";
import { paintFor } from "../../display/progress/progress-line.ts";
import { print, printJson } from "../../display/standard-output.ts";
import { say } from "../../display/standard-error.ts";
import { sayInterrupted } from "../../interrupted-batches.ts";
import { placeOf } from "../../place.ts";
import { withPlace } from "../place-option.ts";

/** `job` is the name of a job here. */
type ListOptions = PlaceOptions &
  JsonOption & { readonly limit?: number; readonly state?: readonly BatchState[] };

const HELP = `
On a terminal ids are shortened as far as they are unambiguous, and times are
told from now. In a pipe or a file, and with --json, they are whole.

Examples:
  fanjoin list --state running
  fanjoin list --state failed --state cancelled
  fanjoin list --job sales --limit 5
  fanjoin list --json | jq -r '.[].batch'`;

export function listCommand(): Command {
  const command = new Command("list")
    .description("list the batches of a directory or a stack, newest first")
    .option("--job <name>", "only batches of this job")
    .addOption(new Option("--state <state...>", "only batches in one of these states").choices(BATCH_STATES))
    .option("--limit <n>", "list at most this many", positive);
  return withJson(withPlace(command), "print a JSON array of batch summaries")
    .addHelpText("after", HELP)
    .action(list);
}

async function list(options: ListOptions): Promise<void> {
  const { job, state, limit = Infinity, json } = options;
  await using place = await placeOf(options);
  const found: BatchSummary[] = [];
  /** The first one that is not listed: the short ids differ from it, too. */
  const others: string[] = [];
  for await (const summary of place.fanjoin.list({ job, state })) {
    if (found.length < limit) found.push(summary);
    else others.push(summary.batch);
    if (others.length > 0) break;
  }
  if (json) return printJson(found);
  if (found.length === 0) return say(noBatches(place.fanjoin.where, options));
  print(tableOf(found, others));
  await sayInterrupted(place, found);
}

function noBatches(where: string, { job, state }: ListOptions): string {
  const which = [
    ...(job === undefined ? [] : [`of the job ${job}`]),
    ...(state === undefined ? [] : [state.join(" or ")]),
  ];
  return which.length === 0
    ? `there are no batches ${where} yet`
    : `there are no batches ${where} that are ${which.join(" and ")}`;
}

function tableOf(batches: readonly BatchSummary[], others: readonly string[]): string {
  const { isTTY, columns } = process.stdout;
  if (!isTTY) return wholeTable(batches);
  return terminalTable(batches, { columns, now: Date.now(), paint: paintFor(process.stdout), others });
}
