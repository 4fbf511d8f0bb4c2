/** The engine of a directory, from the moment when it is needed: looking needs none, and takes no lock. */
import { FanjoinError } from "../core/errors/errors.ts";
import type { OnNotice } from "../door/fanjoin.ts";
import { sleep } from "../door/sleep.ts";
import { lockHolder } from "../local/directory/lock.ts";
import type { Engine, EngineOptions } from "../local/engine/engine.ts";
import { openEngine } from "../local/engine/open-engine.ts";

/** How long a process that has nothing else to do goes on telling of the end of its batches. */
const TELL_MS = 30_000;

/** How often a process that waits for its turn tries to take the lock. */
const TRY_MS = 100;

export interface LazyEngineOptions extends EngineOptions {
  /** Waits while another process owns the directory. Otherwise that is `DIRECTORY_IN_USE`. */
  readonly wait: boolean;
  readonly onNotice: OnNotice;
}

export class LazyEngine {
  readonly #options: LazyEngineOptions;
  readonly #closing = new AbortController();
  readonly #isClosed: () => void;
  #opened: Promise<Engine> | null = null;
  /** The engine while it is open. */
  current: Engine | null = null;

  constructor(options: LazyEngineOptions) {
    this.#options = options;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.closed = promise;
    this.#isClosed = () => reject(this.#closing.signal.reason as Error);
  }

  /** Rejects once the engine has stopped after `close`. */
  readonly closed: Promise<never>;

  /** `wait`: in place of the option. Throws `DIRECTORY_IN_USE`, `DIRECTORY_UNUSABLE`. */
  async get(wait = this.#options.wait): Promise<Engine> {
    this.#closing.signal.throwIfAborted();
    this.#opened ??= this.#open(wait);
    try {
      return await this.#opened;
    } catch (error) {
      // The next call tries again.
      this.#opened = null;
      throw error;
    }
  }

  async #open(wait: boolean): Promise<Engine> {
    for (let told = false; ;) {
      try {
        const engine = await openEngine(this.#options);
        if (!this.#closing.signal.aborted) return (this.current = engine);
        await engine.stop();
        throw this.#closing.signal.reason;
      } catch (error) {
        if (!wait || !(error instanceof FanjoinError && error.code === "DIRECTORY_IN_USE")) throw error;
        if (!told) this.#tellWhom();
        told = true;
        await sleep(TRY_MS, this.#closing.signal);
      }
    }
  }

  async #tell(engine: Engine): Promise<void> {
    for (const { batch, channels } of await engine.told(TELL_MS)) {
      const whom = channels.join(", ");
      const then = "The next start with this job goes on";
      this.#options.onNotice(`${whom} could not be told of the end of batch ${batch}. ${then}`, "news");
    }
  }

  #tellWhom(): void {
    const { directory, onNotice } = this.#options;
    const { pid = 0, command = "", since = "" } = lockHolder(directory) ?? {};
    const whom = pid === 0 ? "another process" : `process ${pid} (${command}, since ${since})`;
    onNotice(`waiting for ${whom}, which works in ${directory}`, "waiting");
  }

  /**
   * Tells of the ends of batches for a while, then stops the engine. Nothing is lost, and the directory is
   * free.
   */
  async close(): Promise<void> {
    if (this.current !== null) await this.#tell(this.current);
    this.#closing.abort(new FanjoinError("USAGE", `the directory ${this.#options.directory} was closed`));
    try {
      const engine = await this.#opened?.catch(() => null);
      await engine?.stop();
    } finally {
      this.current = null;
      this.#isClosed();
    }
  }
}
