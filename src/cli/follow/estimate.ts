/** `fanjoin run --estimate`: what a batch would cost on AWS. */
import { createInterface } from "node:readline/promises";
import { usage } from "../../core/errors/errors.ts";
import { counted } from "../../format.ts";
import { estimate, SAMPLE_ITEMS } from "../../open/trial/estimate.ts";
import { estimateText } from "../display/estimate-text.ts";
import { say } from "../display/standard-error.ts";
import { printJson } from "../display/standard-output.ts";
import { EXIT } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { trialOrNull } from "./trial.ts";
import type { TrialOptions } from "./trial.ts";

export interface EstimateOptions {
  readonly estimate?: true;
  readonly yes?: true;
}

/** `process` may do things that cannot be undone, so the user is asked first. */
export async function estimateCommand(
  job: string,
  inputs: readonly string[],
  options: TrialOptions & EstimateOptions,
): Promise<ExitCode> {
  const { maxItems = SAMPLE_ITEMS } = options;
  if (!options.yes && !(await mayRun(maxItems))) {
    say("nothing was run");
    return EXIT.wrong;
  }
  const sampled = { ...options, maxItems };
  const report = await trialOrNull((more) => estimate(job, more), inputs, sampled);
  if (report === null) {
    say("interrupted: nothing is kept");
    return EXIT.interrupted;
  }
  process.exitCode = EXIT.succeeded;
  if (options.json) printJson(report);
  else process.stdout.write(estimateText(report));
  return EXIT.succeeded;
}

/** Throws `USAGE` where nobody can be asked. */
async function mayRun(items: number): Promise<boolean> {
  const what = `--estimate runs \`process\` for the first ${counted(items, "item")}, with all that it does`;
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw usage(`${what}: add --yes if it may`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${what}. Run it? [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
