/** `fanjoin failed`: prints the failed items, with their places and reasons, or the kinds of failures. */
import { Command, Option } from "commander";
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import { messageText } from "../../../core/errors/described-error.ts";
import { parseFailedLine } from "../../../core/failures/failed-line.ts";
import type { FailedLine } from "../../../core/failures/failed-line.ts";
import { withJson, withLookedAt } from "../../common-options.ts";
import type { JsonOption, PlaceOptions } from "../../common-options.ts";
import { linesOf } from "../../../lines-of.ts";
import { printFailedCsv } from "../../display/failed-csv.ts";
import { failedSample } from "../../display/failed-sample.ts";
import { failureLines, PLAIN_COLUMNS } from "../../display/failure-text.ts";
import { paintFor } from "../../display/progress/progress-line.ts";
import { print, printFile, printJson, printLinesAsArray } from "../../display/standard-output.ts";
import { say } from "../../display/standard-error.ts";
import { placeOf } from "../../place.ts";
import { appended, checkedCodes, withCode } from "../run/code-option.ts";
import type { CodeOption } from "../run/code-option.ts";
import { withPlace } from "../place-option.ts";
import { notEnded } from "./result.ts";

type FailedOptions = PlaceOptions &
  JsonOption &
  CodeOption & { readonly error?: readonly string[]; readonly csv?: true; readonly summary?: true };

type Content = AsyncIterable<Uint8Array>;

const HELP = `
Examples:
  fanjoin failed 01KB --summary                 what went wrong, and how often
  fanjoin failed 01KB --code ITEM_TIMEOUT       only items with this error code
  fanjoin failed 01KB --error TypeError         of this error class
  fanjoin failed 01KB --error "said 503" --csv  with this text in the message`;

export function failedCommand(): Command {
  const command = new Command("failed")
    .description("print the failed items of a batch, one JSON object per line")
    .option("--summary", "print the kinds of failures, with their counts, in place of the items");
  return withJson(withPlace(withCode(withLookedAt(command))), "print one JSON array instead of lines")
    .option(
      "--error <text>",
      "only items of this error class, or with this text in the message (repeatable)",
      appended,
    )
    .addOption(new Option("--csv", "print CSV for a spreadsheet").conflicts(["json", "summary"]))
    .addHelpText("after", HELP)
    .action(failed);
}

async function failed(prefix: string, options: FailedOptions): Promise<void> {
  const wanted = wantedBy(options);
  await using place = await placeOf(options);
  const batch = await place.find(prefix);
  const summary = await batch.summary();
  if (summary.endedAt === null) throw notEnded(summary, place);
  const all = summary.failed && batch.read("failed.jsonl");
  const content = all && wanted ? only(all, wanted) : all;
  if (options.summary)
    await printKinds(summary, wanted ? null : (summary.failures ?? null), content, options);
  else if (options.json) await printLinesAsArray(content);
  else if (options.csv) await printFailedCsv(content);
  else if (content === null || !(await printFile(content))) say(noneText(summary));
}

/** Which items are wanted; `null`: all. Throws `USAGE`. */
function wantedBy(options: FailedOptions): ((line: FailedLine) => boolean) | null {
  const codes = checkedCodes(options);
  const { error: texts = null } = options;
  if (codes === null && texts === null) return null;
  return ({ code, error }) =>
    (codes?.includes(code) ?? true) &&
    (texts?.some((text) => error.name === text || messageText(error).includes(text)) ?? true);
}

async function* only(content: Content, wanted: (line: FailedLine) => boolean): AsyncGenerator<Uint8Array> {
  for await (const text of linesOf(content))
    if (wanted(parseFailedLine(text))) yield Buffer.from(`${text}\n`);
}

function noneText({ batch, failed: list }: BatchSummary): string {
  return list ? `no failed item of batch ${batch} matches` : `no item of batch ${batch} failed`;
}

/** `known`: the groups of all items of the content, if the summary has them. */
async function printKinds(
  summary: BatchSummary,
  known: BatchSummary["failures"] | null,
  content: Content | null,
  { json }: JsonOption,
): Promise<void> {
  const { partial, ...kinds } = known
    ? { ...known, partial: false }
    : await failedSample(content ?? nothing(), Infinity);
  if (json) return printJson(kinds);
  if (kinds.groups.length === 0) return say(noneText(summary));
  const { stdout } = process;
  const columns = stdout.columns ?? PLAIN_COLUMNS;
  const context = { paint: paintFor(stdout), columns, all: true, ids: known !== null };
  print(failureLines({ ...kinds, partial }, context).join("\n"));
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
