/** `fanjoin redrive`: runs the failed items of a batch again, with the current job file. */
import { linesOf } from "../../../lines-of.ts";
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import { Command, Option } from "commander";
import { usage } from "../../../core/errors/errors.ts";
import { parseFailedLine } from "../../../core/failures/failed-line.ts";
import { matches, notEnded } from "../../../core/failures/redrive-filter.ts";
import type { RedriveFilter } from "../../../core/failures/redrive-filter.ts";
import type { Batch } from "../../../door/fanjoin.ts";
import { BATCH, withJobFile, withOutcome, withThreads, withTurn } from "../../common-options.ts";
import type { OutcomeOptions, PlaceOptions } from "../../common-options.ts";
import { count } from "../../../format.ts";
import { EXIT } from "../../exit-codes.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { namedGroups, redriveText } from "../../display/redrive-text.ts";
import { print, printJson } from "../../display/standard-output.ts";
import { say } from "../../display/standard-error.ts";
import { checkOutput } from "../../follow/check-output.ts";
import { followBatch } from "../../follow/follow-batch.ts";
import { withOnEnd } from "../../follow/on-end.ts";
import type { OnEndOption } from "../../follow/on-end.ts";
import { reportOutcome } from "../../follow/report-outcome.ts";
import { placeOf } from "../../place.ts";
import { appended, checkedCodes, withCode } from "./code-option.ts";
import type { CodeOption } from "./code-option.ts";
import { withPlace } from "../place-option.ts";

type RedriveOptions = PlaceOptions &
  OutcomeOptions &
  OnEndOption &
  CodeOption & {
    readonly error?: readonly string[];
    readonly group?: readonly string[];
    readonly dryRun?: true;
  };

const HELP = `
Failed items run again, chunks that a cancel or a deadline skipped, and the rest
of the input that was not planned. The new counts, result, outputs and list of
failed items cover all items, in input order. Items that succeeded keep their
values, so a changed job must fit them. With --dry-run nothing runs: the numbers
are printed, and the groups of failed items with their ids.

Examples:
  fanjoin redrive 01KB                      everything that failed
  fanjoin redrive 01KB --code ITEM_TIMEOUT  only items with this error code
  fanjoin redrive 01KB --error TypeError    only items that threw this error
  fanjoin redrive 01KB --dry-run            how many items, and the groups
  fanjoin redrive 01KB --group s1x9k2       only items of this group`;

export function redriveCommand(): Command {
  const command = new Command("redrive")
    .description("run the failed items of a batch again, with the current job file")
    .argument("<batch>", BATCH);
  return withOnEnd(withOutcome(withJobFile(withTurn(withThreads(withPlace(withCode(command)))))))
    .option("--error <class>", "only items that failed with this error class (repeatable)", appended)
    .option("--group <id>", "only items of this group of failures (repeatable)", appended)
    .addOption(new Option("--dry-run", "only say what would run again").conflicts(["output", "onEnd"]))
    .addHelpText("after", HELP)
    .action(async (batch: string, options: RedriveOptions) => {
      process.exitCode = await redrive(batch, options);
    });
}

async function redrive(prefix: string, options: RedriveOptions): Promise<ExitCode> {
  await checkOutput(options);
  const filter = filterOf(options);
  await using place = await placeOf(options);
  const batch = await place.find(prefix);
  const summary = await batch.summary();
  if (summary.endedAt === null) throw notEnded(batch.id, await place.resumeCommand(batch.id));
  if (filter) await checkFilter(summary, filter, batch);
  if (options.dryRun) return await sayForecast(summary, await batch.redriveForecast(filter), options);
  if (await batch.redrive({ ...options, filter })) {
    const begin = async (): Promise<Batch> => batch;
    return await followBatch({ place, begin, announce: "at once", here: place.runsHere }, options);
  }
  await place.fanjoin.close();
  say(`batch ${batch.id} has nothing to redrive: no item failed`);
  return await reportOutcome(summary, options, batch);
}

function filterOf(options: RedriveOptions): RedriveFilter | null {
  const codes = checkedCodes(options);
  const { error: classes = null, group: groups } = options;
  return codes || classes || groups ? { codes, classes, ...(groups ? { groups } : {}) } : null;
}

async function sayForecast(
  summary: BatchSummary,
  forecast: Awaited<ReturnType<Batch["redriveForecast"]>>,
  { json }: RedriveOptions,
): Promise<ExitCode> {
  if (json) printJson(forecast);
  else print(redriveText(summary, forecast));
  return EXIT.succeeded;
}

/** Throws `USAGE` for a group that the batch does not have. An older fanjoin named no groups. */
function checkGroups({ batch, failures }: BatchSummary, { groups = null }: RedriveFilter): void {
  if (!groups || !failures) return;
  const unknown = groups.find((group) => failures.groups.every(({ id }) => id !== group));
  if (unknown === undefined) return;
  throw usage(
    `--group ${unknown} is not a group of batch ${batch}; its groups are: ${namedGroups(failures.groups)}`,
  );
}

/** Throws `USAGE` if no failed item matches. The message lists the kinds of failures there are. */
async function checkFilter(
  summary: BatchSummary,
  filter: RedriveFilter,
  { read }: Pick<Batch, "read">,
): Promise<void> {
  checkGroups(summary, filter);
  const { batch, failed } = summary;
  const kinds = new Map<string, number>();
  if (failed) {
    for await (const text of linesOf(read("failed.jsonl"))) {
      const line = parseFailedLine(text);
      if (matches(filter, line)) return;
      const kind = `${line.code} (${line.error.name})`;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  }
  const found = Array.from(kinds, ([kind, times]) => `${count(times)} × ${kind}`).join(", ");
  throw usage(
    found === ""
      ? `batch ${batch} has no failed items`
      : `no failed item of batch ${batch} matches; its failed items are: ${found}`,
  );
}
