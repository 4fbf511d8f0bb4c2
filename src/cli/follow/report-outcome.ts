/**
 * Tells what became of a batch: as one JSON document, or as a summary for people; copies the result where it
 * is wanted.
 */
import { reasonOf } from "../../core/errors.ts";
import { constants, createWriteStream, statSync } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import type { BatchSummary } from "../../batch/summary.ts";
import type { BatchFileName } from "../../batch/files.ts";
import type { ReadFile } from "../batches.ts";
import { usage } from "../error-text.ts";
import { EXIT, exitCodeOf } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { failedSample } from "../display/failed-sample.ts";
import type { OutcomeOptions } from "../common-options.ts";
import { paintFor } from "../display/progress-line.ts";
import { printFile, printJson } from "../display/standard-output.ts";
import { summaryText } from "../display/summary-text.ts";

const STANDARD_OUTPUT = "-";
/** Where nobody's terminal says how wide it is. */
const PLAIN_COLUMNS = 200;

/** Found out before the work, not after it. Throws `USAGE`. */
export async function checkOutput({ output, json }: OutcomeOptions): Promise<void> {
  if (output === undefined) return;
  if (output === STANDARD_OUTPUT) {
    if (json) throw usage("--json and --output - both want standard output: leave out one of them");
    return;
  }
  const stats = statSync(output, { throwIfNoEntry: false });
  if (stats?.isDirectory()) throw usage(`--output ${output} is a directory: name a file`);
  try {
    await access(stats ? output : dirname(output), constants.W_OK);
  } catch {
    if (stats) throw usage(`--output ${output} cannot be written to`);
    throw usage(`--output ${output}: the directory ${dirname(output)} is missing or cannot be written to`);
  }
}

/** Tells what became of a batch; the exit code is decided first, in case nobody listens. */
export async function reportOutcome(
  summary: BatchSummary,
  options: OutcomeOptions,
  read: ReadFile,
): Promise<ExitCode> {
  const code = exitCodeOf(summary.state);
  process.exitCode = code;
  return (await printOutcome(summary, options, read)) ? code : EXIT.batchFailed;
}

/** False if the result could not be copied to where it is wanted; that is told, too. */
export async function printOutcome(
  summary: BatchSummary,
  { output, json }: OutcomeOptions,
  read: ReadFile,
): Promise<boolean> {
  if (json) printJson(summary);
  else if (output === STANDARD_OUTPUT) await printSummary(summary, process.stderr, read);
  else await printSummary(summary, process.stdout, read);
  return output === undefined || copyResult(summary, output, read);
}

async function printSummary(
  summary: BatchSummary,
  stream: NodeJS.WriteStream,
  read: ReadFile,
): Promise<void> {
  const sample = summary.failed ? await failedSample(read(summary.batch, "failed.jsonl")) : null;
  const around = { cwd: process.cwd(), paint: paintFor(stream), columns: stream.columns ?? PLAIN_COLUMNS };
  stream.write(summaryText(summary, sample, around));
}

/** The ordered outputs of a job that collects, else the result. */
export function resultFile({ outputs, result }: BatchSummary): BatchFileName | null {
  if (outputs) return "outputs.jsonl";
  return result && "result.json";
}

async function copyResult(summary: BatchSummary, output: string, read: ReadFile): Promise<boolean> {
  const file = resultFile(summary);
  if (file === null) {
    console.error(`fanjoin: nothing was copied to ${output}: the batch has no result`);
    return true;
  }
  if (output === STANDARD_OUTPUT) {
    await printFile(read(summary.batch, file));
    return true;
  }
  try {
    // Not `copyFile`, which would give /dev/null the mode of the result.
    await pipeline(read(summary.batch, file), createWriteStream(output));
    return true;
  } catch (error) {
    const reason = reasonOf(error);
    const { path } = summary.outputs ?? summary.result ?? {};
    console.error(`fanjoin: ${output} cannot be written: ${reason}. The result is in ${path}`);
    return false;
  }
}
