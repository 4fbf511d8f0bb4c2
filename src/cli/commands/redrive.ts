/** `fanjoin redrive`: does the failed items of a batch again, with the job file as it is now. */
import { Command } from "commander";
import { ERROR_CODES } from "../../core/errors.ts";
import { parseFailedLine } from "../../core/failed-line.ts";
import { matches } from "../../core/redrive-filter.ts";
import type { RedriveFilter } from "../../core/redrive-filter.ts";
import { notEnded } from "../../batch/redrive.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import type { ReadFile, WorkOptions } from "../batches.ts";
import { usage } from "../error-text.ts";
import type { ExitCode } from "../exit-codes.ts";
import { count } from "../display/format.ts";
import { withConcurrency, withOutcome } from "../common-options.ts";
import { batchesAt, withPlace } from "./place-option.ts";
import type { PlaceOptions } from "./place-option.ts";
import { linesOf } from "../display/standard-output.ts";
import { checkOutput } from "../follow/report-outcome.ts";

type RedriveOptions = PlaceOptions &
  WorkOptions & { readonly code?: readonly string[]; readonly error?: readonly string[] };

const HELP = `
Only what failed is done again, and chunks that a cancel or a deadline skipped. Counts, result, outputs and the list of failed items become those
of all items, in input order. What succeeded before keeps its value, so a changed job has to fit to that.

Examples:
  fanjoin redrive 01KB                         everything that failed
  fanjoin redrive 01KB --code ITEM_TIMEOUT     only items that failed so
  fanjoin redrive 01KB --error TypeError       only items that threw such an error`;

export function redriveCommand(): Command {
  const command = new Command("redrive")
    .description("do the failed items of a batch again, with the job file as it is now")
    .argument("<batch>", "its id, or the beginning of it")
    .option("--code <code>", "only items that failed with this error code; may be repeated", also)
    .option("--error <class>", "only items that failed with an error of this class; may be repeated", also);
  return withOutcome(withConcurrency(withPlace(command)))
    .addHelpText("after", HELP)
    .action(async (batch: string, options: RedriveOptions) => {
      process.exitCode = await redrive(batch, options);
    });
}

function also(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function redrive(given: string, options: RedriveOptions): Promise<ExitCode> {
  await checkOutput(options);
  const filter = filterOf(options);
  const batches = await batchesAt(options);
  const summary = await batches.find(given);
  if (summary.endedAt === null) throw notEnded(summary.batch);
  if (filter) await checkFilter(summary, filter, batches.read);
  return batches.redrive(summary, filter, options);
}

function filterOf({ code, error }: RedriveOptions): RedriveFilter | null {
  for (const one of code ?? []) {
    if (!(one in ERROR_CODES))
      throw usage(`--code ${one}: there is no such error code; the README lists them`);
  }
  return code || error ? { codes: code ?? null, classes: error ?? null } : null;
}

/** A filter that nothing matches is a mistake, which is told with what there is. Throws `USAGE`. */
async function checkFilter(
  { batch, failed }: BatchSummary,
  filter: RedriveFilter,
  read: ReadFile,
): Promise<void> {
  const kinds = new Map<string, number>();
  if (failed) {
    for await (const text of linesOf(read(batch, "failed.jsonl"))) {
      const line = parseFailedLine(text);
      if (matches(filter, line)) return;
      const kind = `${line.code} (${line.error.name})`;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  }
  const found = Array.from(kinds, ([kind, times]) => `${count(times)} × ${kind}`).join(", ");
  throw usage(`no failed item of batch ${batch} is of that kind; there are: ${found || "none at all"}`);
}
