/**
 * Follows a batch until it ends or the user presses Ctrl-C. Progress display, interrupts, the final summary
 * and the exit code are decided here, wherever the batch runs.
 */
import type { Progress } from "../../batch/progress.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import type { ReadFile } from "../batches.ts";
import type { OutcomeOptions } from "../common-options.ts";
import { progressDisplay } from "../display/progress-display.ts";
import type { ProgressDisplay } from "../display/progress-display.ts";
import { printJson } from "../display/standard-output.ts";
import { say } from "../display/standard-error.ts";
import { EXIT } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { reportOutcome } from "./report-outcome.ts";

/**
 * A batch to follow. There are two kinds: `engineSource` for a batch that this process runs, `pollingSource`
 * for one that another process or a stack runs.
 */
export interface BatchSource {
  readonly batch: string;
  readonly job: string;
  /** Whether this command began or continued the batch: then the user is told its id first. */
  readonly announce: boolean;
  readonly read: ReadFile;
  /**
   * Shows progress on `display` until the batch has ended or `signal` aborts. Resolves with `null` if no
   * process runs the batch any more.
   */
  watch(display: ProgressDisplay, signal: AbortSignal): Promise<EndedBatch | null>;
  /** Lets go of a batch that has not ended. */
  leave(): Promise<UnfinishedBatch>;
  /** Turns an error of `watch` or `leave` into one that says how to go on, and lets go of the batch. */
  explain(error: unknown): Promise<{ readonly error: Error; readonly summary: BatchSummary | null }>;
}

export interface EndedBatch {
  /** Shown last. */
  readonly progress: Progress;
  /** The final summary. Once it resolves, the batch's files can be read and its directory is free. */
  readonly summarize: () => Promise<BatchSummary>;
}

export interface UnfinishedBatch {
  /** `null` if the batch was not started. */
  readonly summary: BatchSummary | null;
  /** Tells the user how to go on. */
  readonly advice: string;
}

/** `begun` resolves once the batch runs. Its errors are thrown as they are. */
export async function followBatch(
  source: BatchSource,
  options: OutcomeOptions,
  begun: Promise<unknown> = Promise.resolve(),
): Promise<ExitCode> {
  const summary = await finalSummary(source, options, begun);
  return summary === null ? EXIT.interrupted : reportOutcome(summary, options, source.read);
}

/** `null` if the batch has not ended; the user has been told so. */
async function finalSummary(
  source: BatchSource,
  options: OutcomeOptions,
  begun: Promise<unknown>,
): Promise<BatchSummary | null> {
  // The user may press Ctrl-C as soon as the first line shows that the batch runs.
  using interrupts = listenForInterrupts();
  const isBegun = (await Promise.race([begun, interrupts.first])) !== "interrupted";
  const ended = isBegun ? await watch(source, options, interrupts.first) : null;
  if (ended !== null) return await ended.summarize();
  await leave(source, options);
  return null;
}

async function watch(
  source: BatchSource,
  options: OutcomeOptions,
  interrupted: Promise<"interrupted">,
): Promise<EndedBatch | null> {
  const display = progressDisplay(source.job, options.quiet === true);
  if (source.announce) display.begin(source.batch);
  const left = new AbortController();
  const watching = source.watch(display, left.signal);
  // After Ctrl-C nobody awaits this promise: a late rejection is swallowed.
  watching.catch(() => undefined);
  try {
    const ended = await Promise.race([watching, interrupted]);
    if (ended === "interrupted") return null;
    if (ended !== null) display.end(ended.progress);
    return ended;
  } catch (error) {
    throw await explained(source, options, error);
  } finally {
    display.end();
    left.abort();
  }
}

async function leave(source: BatchSource, options: OutcomeOptions): Promise<void> {
  process.exitCode = EXIT.interrupted;
  try {
    const { summary, advice } = await source.leave();
    say(advice);
    if (options.json && summary !== null) printJson(summary);
  } catch (error) {
    throw await explained(source, options, error);
  }
}

async function explained(source: BatchSource, { json }: OutcomeOptions, cause: unknown): Promise<Error> {
  const { error, summary } = await source.explain(cause);
  if (json && summary !== null) printJson(summary);
  return error;
}
