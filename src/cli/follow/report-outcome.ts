/** Reports a batch as one JSON document or as text for people, and copies its result for `--output`. */
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { BatchFileName } from "../../batch/summary/files.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { reasonOf } from "../../core/errors/errors.ts";
import type { Batch } from "../../door/fanjoin.ts";
import { linesOf } from "../../lines-of.ts";
import type { OutcomeOptions } from "../common-options.ts";
import { failedSample } from "../display/failed-sample.ts";
import type { ShownFailures } from "../display/failure-text.ts";
import { STANDARD_OUTPUT } from "./check-output.ts";
import { runOnEnd } from "./on-end.ts";
import type { OnEndOption } from "./on-end.ts";
import { paintFor } from "../display/progress/progress-line.ts";
import { printFile, printJson } from "../display/standard-output.ts";
import { summaryText } from "../display/summary-text.ts";
import { say } from "../display/standard-error.ts";
import { EXIT, exitCodeOf } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";

type CopiedBatch = Pick<Batch, "read" | "readOutputFile">;

/** Reports a batch that has ended. `EXIT.batchFailed` if its result could not be copied. */
export async function reportOutcome(
  summary: BatchSummary,
  options: OutcomeOptions & OnEndOption,
  batch: CopiedBatch,
): Promise<ExitCode> {
  const code = exitCodeOf(summary.state);
  // Set first, in case standard output is closed and printing ends the process.
  process.exitCode = code;
  const isPrinted = await printOutcome(summary, options, batch);
  if (options.onEnd !== undefined && summary.endedAt !== null) await runOnEnd(options.onEnd, summary);
  return isPrinted ? code : EXIT.batchFailed;
}

/** False if the result could not be copied to `--output`; the user is told so. */
export async function printOutcome(
  summary: BatchSummary,
  { output, json, quiet, stream }: OutcomeOptions,
  batch: CopiedBatch,
): Promise<boolean> {
  if (json) printJson(summary);
  else if (stream || output === STANDARD_OUTPUT) await printSummary(summary, process.stderr, batch);
  else await printSummary(summary, process.stdout, batch);
  if (output === undefined) return true;
  const isCopied = await copyResult(summary, output, batch);
  const what = json || quiet || !isCopied ? null : copiedText(summary);
  if (what !== null) say(output === STANDARD_OUTPUT ? `printed ${what}` : `copied ${what} to ${output}`);
  return isCopied;
}

async function printSummary(
  summary: BatchSummary,
  stream: NodeJS.WriteStream,
  batch: CopiedBatch,
): Promise<void> {
  const context = { cwd: process.cwd(), paint: paintFor(stream), columns: stream.columns ?? null };
  stream.write(summaryText(summary, await failuresOf(summary, batch), context));
}

async function failuresOf(
  { failed, failures }: BatchSummary,
  batch: CopiedBatch,
): Promise<ShownFailures | null> {
  if (failures) return { ...failures, partial: false };
  return failed && failedSample(batch.read("failed.jsonl"));
}

/** The ordered outputs if the job collects, else the result; `null` if there is neither. */
export function resultFile({ outputs, result }: BatchSummary): BatchFileName | null {
  if (outputs) return "outputs.jsonl";
  return result && "result.json";
}

/** What `--output` has copied; `null`: nothing. */
function copiedText(summary: BatchSummary): string | null {
  const file = resultFile(summary);
  if (file === null) return null;
  const { files } = summary.outputs ?? {};
  if (files) return files.count === 1 ? "1 file of outputs" : `${files.count} files of outputs`;
  return file === "outputs.jsonl" ? "the ordered outputs" : "the result";
}

async function copyResult(summary: BatchSummary, output: string, batch: CopiedBatch): Promise<boolean> {
  const file = resultFile(summary);
  if (file === null) {
    say(`fanjoin: nothing was copied to ${output}: the batch has no result`);
    return true;
  }
  if (output === STANDARD_OUTPUT) {
    await printFile(batch.read(file));
    return true;
  }
  if (summary.outputs?.files) return copyOutputFiles(summary, output, batch);
  try {
    // Not `copyFile`, which would give /dev/null the mode of the result.
    await pipeline(batch.read(file), createWriteStream(output));
    return true;
  } catch (error) {
    const { path } = summary.outputs ?? summary.result ?? {};
    say(`fanjoin: cannot write to ${output}: ${reasonOf(error)}. The result is in ${path}`);
    return false;
  }
}

/** Each file of outputs by key into the directory `output`, which is made. Other files in it stay. */
async function copyOutputFiles(summary: BatchSummary, output: string, batch: CopiedBatch): Promise<boolean> {
  try {
    mkdirSync(output, { recursive: true });
    for await (const line of linesOf(batch.read("outputs.jsonl"))) {
      const file = listedFile(line);
      await pipeline(batch.readOutputFile(file), createWriteStream(join(output, file)));
    }
    return true;
  } catch (error) {
    say(`fanjoin: cannot copy to ${output}: ${reasonOf(error)}. ${summary.outputs?.path} lists the files`);
    return false;
  }
}

/** The list may come from a stack, and a name becomes a part of a path here. */
function listedFile(line: string): string {
  const { file } = JSON.parse(line) as { readonly file?: unknown };
  if (typeof file === "string" && !/[\\/\0]/.test(file) && !file.startsWith(".")) return file;
  throw new Error(`the list of outputs has ${JSON.stringify(file)} in place of the name of a file`);
}
