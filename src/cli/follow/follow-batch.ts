/**
 * Begins a batch and follows it until it ends or the user presses Ctrl-C. Progress display, interrupts, the
 * final summary and the exit code are decided here, wherever the batch runs.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { Batch, Seen } from "../../door/fanjoin.ts";
import type { OutcomeOptions } from "../common-options.ts";
import { progressDisplay } from "../display/progress/progress-display.ts";
import type { ProgressDisplay } from "../display/progress/progress-display.ts";
import { printJson, listenForClosedOutput } from "../display/standard-output.ts";
import { say } from "../display/standard-error.ts";
import { BatchStopped, LostTrack } from "../error-text.ts";
import { EXIT, exitCodeOf } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import type { CommandPlace } from "../place.ts";
import { listenForInterrupts, STOPPING } from "./interrupts.ts";
import { reportOutcome } from "./report-outcome.ts";
import { printOutputs } from "./stream-outputs.ts";

const LAST_LOOK_MS = 2000;

export interface Following {
  readonly place: CommandPlace;
  /** Resolves once the batch runs. Its errors are thrown as they are. `interrupted` aborts at Ctrl-C. */
  readonly begin: (interrupted: AbortSignal) => Promise<Batch>;
  /**
   * When the user is told that the batch runs: at once, if it was begun by this command; if it still runs,
   * where that may be an earlier one; or never.
   */
  readonly announce: "at once" | "if it runs" | "never";
  /** Whether this process runs the batch. */
  readonly here: boolean;
  /** The batch, where it is known before it goes on. */
  readonly known?: Batch;
}

export async function followBatch(
  following: Following,
  options: OutcomeOptions,
  report = reportOutcome,
): Promise<ExitCode> {
  // The user may press Ctrl-C as soon as the first line shows that the batch runs.
  using interrupts = listenForInterrupts();
  using closed = options.stream ? listenForClosedOutput() : null;
  const interrupted = new AbortController();
  void interrupts.first.then(() => interrupted.abort());
  const begun = following.begin(interrupted.signal);
  const batch = await Promise.race([begun, interrupts.first]);
  const follower = new Follower(following, begun, options);
  const leave = async (): Promise<ExitCode> => {
    // Where the directory cannot be read, nobody knows how to go on.
    follower.lastWords().then(
      (text) => (interrupts.lastWords = text),
      () => undefined,
    );
    return follower.leave();
  };
  if (batch === "interrupted") return await leave();
  const summary = await follower.end(batch, Promise.race([interrupts.first, closed?.first ?? NEVER]));
  if (summary === "closed") return await follower.leaveQuietly(batch);
  if (summary === null) return await leave();
  const code = await report(summary, options, batch);
  // A run that is only a part of an experiment leaves none.
  if (following.here && report === reportOutcome) await following.place.keepReport(summary, options);
  return code;
}

const NEVER = new Promise<never>(() => {});

class Follower {
  readonly #following: Following;
  readonly #begun: Promise<Batch>;
  readonly #options: OutcomeOptions;
  #last: Seen | null = null;
  /** The user was told that the batch is paused. */
  #isPaused = false;

  constructor(following: Following, begun: Promise<Batch>, options: OutcomeOptions) {
    this.#following = following;
    this.#begun = begun;
    this.#options = options;
  }

  /**
   * The final summary; `null` if the user pressed Ctrl-C, or no process runs the batch any more. `closed`:
   * nobody reads standard output any more.
   */
  async end(
    batch: Batch,
    leaving: Promise<"interrupted" | "closed">,
  ): Promise<BatchSummary | "closed" | null> {
    const { place, here, announce } = this.#following;
    const display = progressDisplay(batch.job, this.#isQuiet);
    const left = new AbortController();
    if (announce === "at once") display.begin(batch.id);
    const watching = this.#watch(batch, display, left.signal);
    const streaming = this.#options.stream ? printOutputs(batch, this.#options, left.signal) : null;
    const done = Promise.all([watching, streaming]);
    // After Ctrl-C nobody awaits this promise: a late rejection is swallowed.
    done.catch(() => undefined);
    try {
      const reached = await Promise.race([done, leaving]);
      if (reached === "closed") return "closed";
      if (reached === "interrupted") return null;
      const summary = await batch.summary();
      if (summary.endedAt === null) return null;
      if (this.#last !== null) display.end(this.#last);
      // A reader of the outcome finds the directory free.
      if (here) await place.fanjoin.close();
      return summary;
    } catch (error) {
      throw await this.#explained(error);
    } finally {
      display.end();
      place.log.display = null;
      left.abort();
    }
  }

  async #watch(batch: Batch, display: ProgressDisplay, signal: AbortSignal): Promise<void> {
    const { announce, place } = this.#following;
    for await (const seen of batch.progress({ signal })) {
      if (this.#last === null) {
        place.log.display = display;
        if (announce === "if it runs") display.begin(batch.id);
      }
      this.#last = seen;
      display.show(seen);
      await this.#tellPause(batch.id, seen.paused === true, display);
    }
  }

  async #tellPause(batch: string, isPaused: boolean, display: ProgressDisplay): Promise<void> {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    const { place } = this.#following;
    if (isPaused)
      display.print(`batch ${batch} is paused. To continue it:\n  ${await place.resumeCommand(batch)}`);
    else display.print(`batch ${batch} goes on`);
  }

  /** What a second Ctrl-C says, which does not wait for `leave`. */
  async lastWords(): Promise<string> {
    const { place, here } = this.#following;
    const batch = await this.#begunOrKnown();
    if (batch === null) return "stopped at once: no batch was started";
    if (!here) return this.#advice(batch.id);
    const resume = await place.resumeCommand(batch.id);
    return `stopped at once; what was committed is kept. To continue:\n  ${resume}`;
  }

  /** A terminal has room for the outputs or for the progress line. */
  get #isQuiet(): boolean {
    const { quiet, stream } = this.#options;
    return quiet === true || (stream === true && process.stdout.isTTY);
  }

  /** Lets go of a batch whose outputs nobody wants to read any more. */
  async leaveQuietly(batch: Batch): Promise<ExitCode> {
    await this.#following.place.fanjoin.close();
    return exitCodeOf((await batch.summary()).state);
  }

  /** Lets go of a batch that has not ended, and tells the user how to go on. */
  async leave(): Promise<ExitCode> {
    process.exitCode = EXIT.interrupted;
    const { place, here } = this.#following;
    try {
      if (here) say(STOPPING);
      const last = here ? null : await this.#lastSummary();
      await place.fanjoin.close();
      const batch = await this.#begunOrKnown();
      if (batch === null) {
        say("interrupted: no batch was started");
        return EXIT.interrupted;
      }
      const summary = here ? await batch.summary() : last;
      say(summary?.endedAt ? this.#endedAdvice(batch.id) : await this.#advice(batch.id));
      if (this.#options.json && summary !== null) printJson(summary);
      return EXIT.interrupted;
    } catch (error) {
      throw await this.#explained(error);
    }
  }

  /** Of a batch elsewhere. One that was not seen yet is asked, not for long: the user wants to go. */
  async #lastSummary(): Promise<BatchSummary | null> {
    if (this.#last?.summary || !this.#options.json) return this.#last?.summary ?? null;
    const batch = await this.#begunOrKnown();
    const asked = batch?.summary().catch(() => null) ?? null;
    return Promise.race([asked, sleep(LAST_LOOK_MS, null, { ref: false })]);
  }

  #begunOrKnown(): Promise<Batch | null> {
    return this.#begun.catch(() => this.#following.known ?? null);
  }

  /** Its outputs were not all printed yet. */
  #endedAdvice(batch: string): string {
    return `batch ${batch} has ended. To print its outputs:\n  ${this.#following.place.command(`result ${batch}`)}`;
  }

  async #advice(batch: string): Promise<string> {
    const { place, here } = this.#following;
    if (here) return `interrupted, nothing is lost. To continue:\n  ${await place.resumeCommand(batch)}`;
    if (this.#isPaused)
      return `batch ${batch} is paused. To continue it:\n  ${await place.resumeCommand(batch)}`;
    const isLeft = this.#last?.summary?.state === "interrupted" || !place.fanjoin.isWorkedOn();
    return isLeft
      ? `no process runs batch ${batch}. To continue it:\n  ${await place.resumeCommand(batch)}`
      : `batch ${batch} continues. To follow it:\n  ${place.command(`watch ${batch}`)}`;
  }

  /** The error, and how to go on. A batch that runs here has stopped with it. */
  async #explained(cause: unknown): Promise<Error> {
    const { place, here } = this.#following;
    // The engine has just reported why it cannot continue.
    await place[Symbol.asyncDispose]();
    const batch = await this.#begunOrKnown();
    if (batch === null) return cause as Error;
    if (!here) return new LostTrack(place.command(`watch ${batch.id}`), cause);
    // If the directory cannot be read either, there is no summary.
    const summary = await batch.summary().catch(() => null);
    if (this.#options.json && summary !== null) printJson(summary);
    return new BatchStopped(await place.resumeCommand(batch.id), cause);
  }
}
