/** `--stream`: prints the outputs of a batch while it runs. */
import { Option } from "commander";
import type { Command } from "commander";
import { FanjoinError, usage } from "../../core/errors/errors.ts";
import type { Batch } from "../../door/fanjoin.ts";
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

/** Throws `RESULT_UNKNOWN`: then there is nothing to print. */
export function checkCollects({ stream }: StreamOptions): (job: { name: string; outputs: boolean }) => void {
  return ({ name, outputs }) => {
    if (stream && !outputs)
      throw usage(`--stream prints outputs, but the job ${name} has none: its join has to contain collect()`);
  };
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
