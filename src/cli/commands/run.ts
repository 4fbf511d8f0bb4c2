/** `fanjoin run`: runs a batch on this machine and waits for its end. */
import { Command } from "commander";
import { withBatchOptions, withConcurrency, withInsecureEndpoint, withOutcome } from "../common-options.ts";
import { withDirectory } from "../local/directory-option.ts";
import { runBatch } from "../local/run-batch.ts";
import type { RunOptions } from "../local/run-batch.ts";

const EXAMPLES = `
Without an input, the job's own source is used (a range, a generator, inline
items).

Examples:
  fanjoin run sales.ts sales.csv
  fanjoin run sales.ts 'data/*.csv' --output totals.json
  gzip -dc sales.csv.gz | fanjoin run sales.ts -
  fanjoin run sales.ts sales.csv --json | jq .result.value
  fanjoin run sales.ts sales.csv --id 2026-11-21  # again: reports the first run`;

export function runCommand(): Command {
  const command = new Command("run")
    .description("run a batch on this machine and wait for its end")
    .argument("<job>", "a module with a job as its default export, e.g. sales.ts")
    .argument("[input...]", "files, directories, globs, s3:// URLs; - is standard input");
  return withInsecureEndpoint(withOutcome(withBatchOptions(withConcurrency(withDirectory(command)), "run")))
    .addHelpText("after", EXAMPLES)
    .action(async (job: string, inputs: string[], options: RunOptions) => {
      process.exitCode = await runBatch(job, inputs, options);
    });
}
