/**
 * What a job's `setup` makes for `ctx.own`: once in each thread, process or Lambda environment, before its
 * first item. `describe`, planning and merges do without it.
 */
import { fullText } from "../core/errors/described-error.ts";
import { NativePromise } from "../core/native-promise.ts";
import { anySignal, newAbortController, startTimeout } from "./captured.ts";
import { describeError } from "./describe-error.ts";
import { withinTime } from "./item/within-time.ts";
import type { SharedMachine } from "./machine.ts";
import { OWN, SETTING_UP, SET_UP } from "./poison/heartbeat.ts";
import { SetupFailed } from "./setup-failed.ts";

/** So long `setup` may take. It holds up every item of its thread. */
export const SETUP_MS = 60_000;
/** So long `teardown` may take: it holds up the end of its process. */
export const TEARDOWN_MS = 5000;
/** The pause after a failure. It doubles with each further one. */
const PAUSE_MS = 100;

export class Own {
  readonly #machine: SharedMachine;
  /** Whether items may begin. */
  isReady: boolean;
  /** What `setup` returned. */
  value: unknown = undefined;
  /** A running `setup`. An interrupted request leaves it to the next one. */
  #making: Promise<void> | null = null;
  /** In a row. */
  #failures = 0;

  constructor(machine: SharedMachine) {
    this.#machine = machine;
    this.isReady = !machine.job.setup;
  }

  /**
   * Resolves once items may begin; with false if the work was interrupted before. Throws `SetupFailed`; the
   * next call runs `setup` again.
   */
  async begin(): Promise<boolean> {
    const { timeBudget } = this.#machine;
    const signal = this.#machine.signal();
    const interruption = new Interruption(signal);
    this.#making ??= this.#failures === 0 ? this.#make() : this.#makeAgain();
    try {
      await NativePromise.race([this.#making, interruption.promise]);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      interruption.forget();
    }
    if (!this.isReady && timeBudget?.isOver())
      throw this.#failed("was cut off when the time of its function was up");
    return this.isReady;
  }

  /** Calls `teardown` for what `setup` has made. Errors are logged. Never rejects. */
  async end(): Promise<void> {
    if (this.#machine.heartbeat[OWN] !== SET_UP) return;
    const { value } = this;
    this.#reset();
    await this.#tearDown(value);
  }

  async #makeAgain(): Promise<void> {
    const ms = PAUSE_MS * 2 ** (this.#failures - 1);
    await new NativePromise((resolve) => startTimeout(resolve, ms));
    return this.#make();
  }

  /** The part up to the first `await` runs at once: a `setup` that never waits is seen to run. */
  async #make(): Promise<void> {
    const { heartbeat, signal, setupTimeoutMs = SETUP_MS } = this.#machine;
    heartbeat[OWN] = SETTING_UP;
    const controller = newAbortController();
    const late = (): Error => {
      const error = this.#failed(`did not finish within ${Math.round(setupTimeoutMs / 1000)} s`);
      controller.abort(error);
      return error;
    };
    try {
      const making = this.#call(anySignal([signal(), controller.signal]));
      // What comes too late is ended, too.
      making.then((value) => (controller.signal.aborted ? this.#tearDown(value) : undefined), ignore);
      this.value = await withinTime(making, setupTimeoutMs, late);
      this.isReady = true;
      this.#failures = 0;
      heartbeat[OWN] = SET_UP;
    } catch (thrown) {
      this.#reset();
      throw controller.signal.aborted
        ? thrown
        : this.#failed(`threw: ${fullText(describeError(thrown))}`, thrown);
    }
  }

  /** Asynchronous, so that a throw is a rejection like any other. */
  async #call(signal: AbortSignal): Promise<unknown> {
    const { job, log } = this.#machine;
    return job.setup?.({ job: job.name, log, signal });
  }

  #reset(): void {
    this.#machine.heartbeat[OWN] = 0;
    this.#making = null;
    this.value = undefined;
    this.isReady = !this.#machine.job.setup;
  }

  async #tearDown(value: unknown): Promise<void> {
    const { job, log } = this.#machine;
    const late = (): Error => new Error(`it did not finish within ${TEARDOWN_MS / 1000} s`);
    try {
      await withinTime((async () => job.teardown?.(value))(), TEARDOWN_MS, late);
    } catch (thrown) {
      log.warn(`teardown of the job ${job.name} failed: ${fullText(describeError(thrown))}`);
    }
  }

  #failed(how: string, cause?: unknown): SetupFailed {
    this.#failures++;
    return new SetupFailed(`setup of the job ${this.#machine.job.name} ${how}`, this.#failures, { cause });
  }
}

/** Resolves when a signal fires, and leaves no listener behind. */
class Interruption {
  readonly promise: Promise<void>;
  readonly #signal: AbortSignal;
  readonly #fire: () => void;

  constructor(signal: AbortSignal) {
    const { promise, resolve } = NativePromise.withResolvers<void>();
    this.promise = promise;
    this.#signal = signal;
    this.#fire = () => resolve();
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", this.#fire);
  }

  forget(): void {
    this.#signal.removeEventListener("abort", this.#fire);
  }
}

function ignore(): void {}
