/** `fanjoin redrive`: runs the failed items of a batch again, with the current job file. */
import { linesOf } from "../../../lines-of.ts";
import { Command } from "commander";
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import { usage } from "../../../core/errors/errors.ts";
import { parseFailedLine } from "../../../core/failures/failed-line.ts";
import { matches, notEnded } from "../../../core/failures/redrive-filter.ts";
import type { RedriveFilter } from "../../../core/failures/redrive-filter.ts";
import type { Batch } from "../../../door/fanjoin.ts";
import { BATCH, withJobFile, withOutcome, withThreads, withTurn } from "../../common-options.ts";
import type { OutcomeOptions, PlaceOptions } from "../../common-options.ts";
import { count } from "../../../format.ts";
import type { ExitCode } from "../../exit-codes.ts";
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
  CodeOption & { readonly error?: readonly string[] };

const HELP = `
Failed items run again, chunks that a cancel or a deadline skipped, and the rest
of the input that was not planned. The new counts, result, outputs and list of
failed items cover all items, in input order. Items that succeeded keep their
values, so a changed job must fit them.

Examples:
  fanjoin redrive 01KB                      everything that failed
  fanjoin redrive 01KB --code ITEM_TIMEOUT  only items with this error code
  fanjoin redrive 01KB --error TypeError    only items that threw this error`;

export function redriveCommand(): Command {
  const command = new Command("redrive")
    .description("run the failed items of a batch again, with the current job file")
    .argument("<batch>", BATCH);
  return withOnEnd(withOutcome(withJobFile(withTurn(withThreads(withPlace(withCode(command)))))))
    .option("--error <class>", "only items that failed with this error class (repeatable)", appended)
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
  const { error: classes = null } = options;
  return codes || classes ? { codes, classes } : null;
}

/** Throws `USAGE` if no failed item matches. The message lists the kinds of failures there are. */
async function checkFilter(
  { batch, failed }: BatchSummary,
  filter: RedriveFilter,
  { read }: Pick<Batch, "read">,
): Promise<void> {
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
