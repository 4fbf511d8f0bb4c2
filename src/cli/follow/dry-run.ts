/** `fanjoin run --dry-run`: says which items of an input would fail, before any is processed. */
import { dryRun } from "../../open/open.ts";
import { dryRunText } from "../display/dry-run-text.ts";
import { paintFor } from "../display/progress/progress-line.ts";
import { say } from "../display/standard-error.ts";
import { printJson } from "../display/standard-output.ts";
import { EXIT } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { trialOrNull } from "./trial.ts";
import type { TrialOptions } from "./trial.ts";

/** `EXIT.itemsFailed` if an item or the whole batch would fail. */
export async function dryRunCommand(
  job: string,
  inputs: readonly string[],
  options: TrialOptions,
): Promise<ExitCode> {
  const report = await trialOrNull((more) => dryRun(job, more), inputs, options);
  if (report === null) {
    say("interrupted: nothing was run, and nothing is kept");
    return EXIT.interrupted;
  }
  const code = report.items.failed > 0 || report.error !== null ? EXIT.itemsFailed : EXIT.succeeded;
  // Set first, in case standard output is closed and printing ends the process.
  process.exitCode = code;
  if (options.json) printJson(report);
  else {
    const { stdout } = process;
    const context = { cwd: process.cwd(), paint: paintFor(stdout), columns: stdout.columns ?? null };
    stdout.write(dryRunText(report, context));
  }
  return code;
}
