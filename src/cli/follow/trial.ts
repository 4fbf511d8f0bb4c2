/** Runs a batch that is only tried, with its progress on the terminal. */
import type { DryRunOptions } from "../../open/open.ts";
import type { NewBatchOptions, OutcomeOptions, PlaceOptions } from "../common-options.ts";
import { submitOptions, threadsOf } from "../common-options.ts";
import { LogDisplay } from "../display/progress/log-display.ts";
import { progressDisplay } from "../display/progress/progress-display.ts";
import { say } from "../display/standard-error.ts";
import { withStandardInput } from "../standard-input.ts";
import { listenForInterrupts, STOPPING } from "./interrupts.ts";

export type TrialOptions = NewBatchOptions & OutcomeOptions & PlaceOptions;

/** `null`: the user pressed Ctrl-C. */
export async function trialOrNull<Report>(
  tryIt: (options: DryRunOptions) => Promise<Report>,
  inputs: readonly string[],
  options: TrialOptions,
): Promise<Report | null> {
  const quiet = options.quiet === true;
  const stop = new AbortController();
  using interrupts = listenForInterrupts();
  void interrupts.first.then(() => {
    say(STOPPING);
    stop.abort();
  });
  const log = new LogDisplay();
  try {
    return await tryIt({
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
