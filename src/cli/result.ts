/** `fanjoin result`: what a batch came to. */
import { Command } from "commander";
import { FanjoinError } from "../core/errors.ts";
import type { BatchSummary } from "../steps/summary.ts";
import { withDirectory } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { currentSummary } from "./follow.ts";
import { withJson } from "./options.ts";
import type { JsonOption } from "./options.ts";
import { printFile, printLinesAsArray } from "./standard-output.ts";
import { resultFile } from "./tell.ts";

export function resultCommand(): Command {
  const command = new Command("result")
    .description("print the result of a batch, or its ordered outputs if the job collects")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(
    withDirectory(command),
    "ordered outputs as one JSON array (a result is JSON anyway)",
  ).action(result);
}

async function result(given: string, options: DirectoryOption & JsonOption): Promise<void> {
  const summary = await currentSummary(given, options);
  const file = resultFile(summary);
  if (file === null) throw noResult(summary);
  if (options.json && summary.outputs) await printLinesAsArray(file);
  else await printFile(file);
}

function noResult({ batch, state, endedAt, error }: BatchSummary): FanjoinError {
  if (endedAt === null) return notEnded(batch, state);
  const why = error ? `: ${error.message}` : ": its job has no join";
  return new FanjoinError("BATCH_NOT_READY", `batch ${batch} ended as ${state} and has no result${why}`);
}

export function notEnded(batch: string, state: string): FanjoinError {
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has not ended yet, it is ${state}: \`fanjoin watch ${batch}\` waits for it`,
  );
}
