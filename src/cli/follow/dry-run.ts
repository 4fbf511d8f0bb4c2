/** `fanjoin run --dry-run`: says which items of an input would fail, before any is processed. */
import { dryRun } from "../../open/open.ts";
import type { DryRun } from "../../open/open.ts";
import type { NewBatchOptions, OutcomeOptions, PlaceOptions } from "../common-options.ts";
import { submitOptions, threadsOf } from "../common-options.ts";
import { dryRunText } from "../display/dry-run-text.ts";
import { LogDisplay } from "../display/progress/log-display.ts";
import { progressDisplay } from "../display/progress/progress-display.ts";
import { paintFor } from "../display/progress/progress-line.ts";
import { say } from "../display/standard-error.ts";
import { printJson } from "../display/standard-output.ts";
import { EXIT } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { withStandardInput } from "../standard-input.ts";
import { listenForInterrupts, STOPPING } from "./interrupts.ts";

export type DryRunCommandOptions = NewBatchOptions & OutcomeOptions & PlaceOptions;

/** `EXIT.itemsFailed` if an item or the whole batch would fail. */
export async function dryRunCommand(
  job: string,
  inputs: readonly string[],
  options: DryRunCommandOptions,
): Promise<ExitCode> {
  const report = await dryRunOrNull(job, inputs, options);
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

/** `null`: the user pressed Ctrl-C. */
async function dryRunOrNull(
  job: string,
  inputs: readonly string[],
  options: DryRunCommandOptions,
): Promise<DryRun | null> {
  const quiet = options.quiet === true;
  const stop = new AbortController();
  using interrupts = listenForInterrupts();
  void interrupts.first.then(() => {
    say(STOPPING);
    stop.abort();
  });
  const log = new LogDisplay();
  try {
    return await dryRun(job, {
      ...submitOptions(options),
      threads: threadsOf(options),
      insecureEndpoint: options.insecureEndpoint,
      input: withStandardInput(inputs, { quiet, interrupted: stop.signal }),
      signal: stop.signal,
      onLog: (entry) => log.write(entry),
      onNotice: (line, kind) => (quiet && kind === "left-out" ? undefined : log.print(line)),
      onProgress(seen, name) {
        log.display ??= progressDisplay(name, quiet);
        log.display.show(seen);
      },
    });
  } catch (error) {
    if (stop.signal.aborted) return null;
    throw error;
  } finally {
    log.display?.end();
  }
}
