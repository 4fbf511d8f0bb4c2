/** `--stream`: prints the outputs of a batch while it runs. */
import { statSync } from "node:fs";
import { Option } from "commander";
import type { Command } from "commander";
import { FanjoinError, usage } from "../../core/errors/errors.ts";
import type { Batch, SubmittedJob } from "../../door/fanjoin.ts";
import type { OutcomeOptions, StreamOptions } from "../common-options.ts";
import { printBlocks } from "../display/standard-output.ts";
import { STANDARD_OUTPUT } from "./check-output.ts";

export function withStream(command: Command): Command {
  return command
    .option("--stream", "print the outputs as JSON lines while the batch runs, in input order")
    .addOption(new Option("--unordered", "with --stream: print them as chunks are done"));
}

/** Throws `USAGE` where standard output is wanted for something else. */
export function checkStream({ stream, unordered, output, json }: OutcomeOptions): void {
  if (!stream && unordered) throw usage("--unordered goes with --stream: add it, or leave out --unordered");
  if (!stream) return;
  if (json) throw usage("--json and --stream both need standard output: leave out one of them");
  if (output === STANDARD_OUTPUT)
    throw usage("--output - and --stream both need standard output: leave out one of them");
}

/** Throws `USAGE` where the outputs of the job cannot be printed, or copied to `--output`. */
export function checkCollects({ stream, output }: OutcomeOptions): (job: SubmittedJob) => void {
  return ({ name, outputs, byKey = false }) => {
    if (stream && !outputs)
      throw usage(`--stream prints outputs, but the job ${name} has none: its join has to contain collect()`);
    if (stream && byKey)
      throw usage(`--stream prints outputs in order, but the job ${name} collects by key: use --output DIR`);
    if (output !== undefined && output !== STANDARD_OUTPUT) checkKind(output, name, byKey);
  };
}

/** Outputs by key go into a directory, others into a file. */
function checkKind(output: string, job: string, byKey: boolean): void {
  const stats = statSync(output, { throwIfNoEntry: false });
  if (stats?.isDirectory() && !byKey)
    throw usage(`--output ${output} is a directory: give the name of a file`);
  if (stats && !stats.isDirectory() && byKey)
    throw usage(`--output ${output} is a file, but the job ${job} collects by key: give a directory`);
}

/**
 * Waits for the reader of standard output, whose speed decides. Ends early if nobody works on the batch any
 * more.
 */
export async function printOutputs(
  batch: Pick<Batch, "outputPages">,
  { unordered }: StreamOptions,
  signal?: AbortSignal,
): Promise<void> {
  try {
    const pages = batch.outputPages({ order: unordered ? "completed" : "input", signal });
    for await (const { blocks } of pages) await printBlocks(blocks);
  } catch (error) {
    if (!(error instanceof FanjoinError) || error.code !== "BATCH_NOT_READY") throw error;
  }
}
