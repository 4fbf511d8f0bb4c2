/** `fanjoin report`: writes the report of a batch that has ended. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { reasonOf, usage } from "../../../core/errors/errors.ts";
import type { ReportTexts } from "../../../dev/page/report/report-texts.ts";
import { withJson, withLookedAt } from "../../common-options.ts";
import type { JsonOption, PlaceOptions } from "../../common-options.ts";
import { escapeControls, escapeEntry } from "../../display/escape.ts";
import { say } from "../../display/standard-error.ts";
import { print, write } from "../../display/standard-output.ts";
import { checkOutput, STANDARD_OUTPUT } from "../../follow/check-output.ts";
import { placeOf } from "../../place.ts";
import { withPlace } from "../place-option.ts";
import { notEnded } from "./result.ts";

interface ReportCommandOptions extends PlaceOptions, JsonOption {
  readonly open?: true;
  readonly output?: string;
  readonly raw: boolean;
}

const HELP = `
The report is one file without a script, and asks nobody: it can be mailed, kept
and printed. Beside it is report.json, the same as data. Both go beside the
result of the batch; of a stack, report-BATCH.html goes into this directory. The
path is printed. With --no-raw the text of failed items is left out; messages of
errors stay, and a message may quote its item.

Examples:
  fanjoin report --open                           of the latest batch
  fanjoin report 01KB --stack prod --output monday.html --no-raw
  fanjoin report 01KB --json | jq .failures`;

export function reportCommand(): Command {
  const command = new Command("report").description("write the report of an ended batch as one HTML file");
  const withOpen = withPlace(withLookedAt(command))
    .option("--output <file>", "write the report there; - is standard output")
    .addOption(new Option("--open", "open it in a browser").conflicts("json"))
    .option("--no-raw", "leave out the text of failed items");
  return withJson(withOpen, "print the data of the report; with --output, write it there")
    .addHelpText("after", HELP)
    .action(report);
}

async function report(named: string, options: ReportCommandOptions): Promise<void> {
  const { output, open, json, raw } = options;
  await checkOutput(options);
  if (open && output === STANDARD_OUTPUT) throw usage("--open needs a file: leave out --output -");
  await using place = await placeOf(options);
  const batch = await place.find(named);
  const summary = await batch.summary();
  if (summary.endedAt === null) throw notEnded(summary, place);
  // Loaded here, so that the other commands start without the modules of the page.
  const { reportTexts } = await import("../../../dev/page/report/report-texts.ts");
  const { dir, stack, endpoint, insecureEndpoint = false } = options;
  const remote = {
    ...(stack === undefined ? {} : { stack }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  const source = place.runsHere ? { directory: dir } : { ...remote, insecureEndpoint };
  const texts = await reportTexts(source, batch.id, { now: Date.now(), raw });
  if (output === STANDARD_OUTPUT || (json && output === undefined))
    return await write(forOutput(json ? texts.json : texts.html));
  const path = await written(texts, batch.id, options);
  print(forOutput(path));
  if (open) await openIt(path);
}

/** A terminal obeys control characters. */
function forOutput(text: string): string {
  return process.stdout.isTTY ? escapeControls(text) : text;
}

/** Returns the path of the file. */
async function written(
  texts: ReportTexts,
  batch: string,
  { output, json, dir, stack, endpoint }: ReportCommandOptions,
): Promise<string> {
  if (output === undefined && stack === undefined && endpoint === undefined) {
    const { writeReport } = await import("../../../dev/page/report/report-texts.ts");
    return writeReport(dir, batch, texts);
  }
  const path = output ?? `report-${batch}.html`;
  try {
    await writeFile(path, json ? texts.json : texts.html);
    return path;
  } catch (error) {
    throw usage(`the report cannot be written to ${path}: ${reasonOf(error)}. Give another --output`);
  }
}

async function openIt(path: string): Promise<void> {
  const { launchBrowser } = await import("../../../dev/page/launch-browser.ts");
  const whole = resolve(path);
  launchBrowser(whole, () => say(escapeEntry(`no program here opens it: open ${whole} in a browser`)));
}
