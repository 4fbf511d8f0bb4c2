/** Stays with a batch that this process runs, until it has ended or somebody presses Ctrl-C. */
import { existsSync } from "node:fs";
import { FanjoinError } from "../../core/errors.ts";
import type { Fields } from "../../core/records/record.ts";
import { openEngine } from "../../local/engine/engine.ts";
import type { Engine, LogEntry } from "../../local/engine/engine.ts";
import type { Progress } from "../../batch/progress.ts";
import { readBatch, readSpec } from "../../batch/spec.ts";
import { summarize } from "../../batch/summary.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import { filesIn, locateIn, look } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { BrokenOff } from "../error-text.ts";
import { EXIT } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { listenForInterrupts } from "../follow/interrupts.ts";
import { loadPatiently } from "../follow/slow-load.ts";
import { logLine } from "../display/log-line.ts";
import type { ConcurrencyOption, OutcomeOptions } from "../options.ts";
import { pickBatch } from "./pick-batch.ts";
import { progressDisplay } from "../display/progress-display.ts";
import type { ProgressDisplay } from "../display/progress-display.ts";
import { resumeCommand } from "../shell-command.ts";
import { printJson } from "../display/standard-output.ts";
import { toldExitCode } from "../follow/report-outcome.ts";

export interface FollowOptions extends DirectoryOption, OutcomeOptions {}

const SHOW_MS = 100;

/**
 * Opens the engine for `use`, and stops it whatever happens there. What jobs log is said beside the progress.
 */
export async function withEngine<T>(
  { dir, concurrency }: DirectoryOption & ConcurrencyOption,
  use: (engine: Engine, log: LogDisplay) => Promise<T>,
): Promise<T> {
  const log = new LogDisplay();
  const engine = await openEngine({ directory: dir, concurrency, onLog: (entry) => log.write(entry) });
  try {
    const result = await use(engine, log);
    await engine.stop();
    return result;
  } catch (error) {
    // What went wrong first is what is told.
    await engine.stop().catch(() => undefined);
    throw error;
  }
}

/**
 * Goes on with a batch of this directory. Throws `JOB_INVALID` if its job is not there any more, or cannot be
 * loaded.
 */
export async function takeUp(engine: Engine, batch: string): Promise<void> {
  await loadJobOf(engine, batch);
  await engine.resume(batch);
}

/** Loads the job of a batch that was submitted before. Throws `JOB_INVALID`, `BATCH_UNKNOWN`. */
export async function loadJobOf(engine: Engine, batch: string): Promise<void> {
  const { jobFile, params } = await readSpec(engine.ledger, batch);
  if (jobFile === null) return;
  if (!existsSync(jobFile)) {
    throw new FanjoinError("JOB_INVALID", `the job file ${jobFile} is gone: put it back, then try again`);
  }
  await loadPatiently(engine, jobFile, params);
}

/** Where log entries go: to standard error, above the progress line if there is one. */
export class LogDisplay {
  display: ProgressDisplay | null = null;

  write(entry: LogEntry): void {
    const line = logLine(entry);
    if (line === null) return;
    if (this.display) this.display.say(line);
    else console.error(line);
  }
}

/**
 * Starts a batch by `start`, waits for its end, tells what became of it. The engine is stopped first: whoever
 * reads the outcome finds the directory free.
 */
export async function follow(
  engine: Engine,
  log: LogDisplay,
  { batch, job }: { readonly batch: string; readonly job: string },
  options: FollowOptions,
  start: () => Promise<void>,
): Promise<ExitCode> {
  using interrupts = listenForInterrupts();
  const started = await Promise.race([start(), interrupts.first]);
  if (started === "interrupted") return await interrupted(engine, batch, options);
  const display = progressDisplay(job, options.quiet === true);
  log.display = display;
  display.begin(batch);
  const timer = setInterval(() => display.show(engine.progress(batch)), SHOW_MS);
  let outcome: Fields | "interrupted";
  try {
    outcome = await Promise.race([engine.finished(batch), interrupts.first]);
    if (outcome !== "interrupted") display.end(complete(engine.progress(batch), outcome));
  } catch (error) {
    throw await brokenOff(engine, error, batch, options);
  } finally {
    clearInterval(timer);
    display.end();
    log.display = null;
  }
  if (outcome === "interrupted") return await interrupted(engine, batch, options);
  const summary = await summarize(engine.ledger, batch, outcome, locateIn(options));
  await engine.stop();
  return await toldExitCode(summary, options, filesIn(options));
}

/** What there was to do is done, if nothing was left out: a header, say, is not part of any chunk. */
function complete(progress: Progress, ended: Fields): Progress {
  const { totals } = progress;
  return ended["ending"] === undefined ? { ...progress, units: totals.units } : progress;
}

async function interrupted(engine: Engine, batch: string, options: FollowOptions): Promise<ExitCode> {
  process.exitCode = EXIT.interrupted;
  console.error("stopping… (once more to stop at once)");
  try {
    await engine.stop();
  } catch (error) {
    throw await brokenOff(engine, error, batch, options);
  }
  if (!(await look(options, (ledger) => readBatch(ledger, batch)))) {
    console.error("interrupted before anything was started");
    return EXIT.interrupted;
  }
  console.error(`interrupted, nothing is lost. To go on:\n  ${resumeCommand(batch, options.dir)}`);
  if (options.json) printJson(await currentSummary(batch, options));
  return EXIT.interrupted;
}

/** The engine could not go on with a batch. */
async function brokenOff(
  engine: Engine,
  error: unknown,
  batch: string,
  options: FollowOptions,
): Promise<BrokenOff> {
  // It has just said why it cannot.
  await engine.stop().catch(() => undefined);
  // Where the directory cannot be read either, there is nothing more to say.
  if (options.json) await currentSummary(batch, options).then(printJson, () => undefined);
  return new BrokenOff(resumeCommand(batch, options.dir), error);
}

/** As it is committed now. */
export async function currentSummary(given: string, option: DirectoryOption): Promise<BatchSummary> {
  return look(option, async (ledger) => {
    const { batch, fields } = await pickBatch(ledger, given, option.dir);
    return summarize(ledger, batch, fields, locateIn(option));
  });
}
