/** What a pool warns of, in the log of its job. */
import { replacedText } from "../guard/built-ins.ts";
import type { ThreadPoolOptions } from "./pool-options.ts";

export class PoolWarnings {
  readonly #options: Pick<ThreadPoolOptions, "jobFile" | "onLog">;
  #strays = 0;

  constructor(options: Pick<ThreadPoolOptions, "jobFile" | "onLog">) {
    this.#options = options;
  }

  /** Built-ins that the job has replaced. */
  replaced(names: readonly string[]): void {
    if (names.length > 0) this.#warn(replacedText(names));
  }

  /** The job has posted a message that nobody reads. Said once. `job`: its name, once it is known. */
  stray(job: string | null): void {
    if (this.#strays++ > 0) return;
    this.#warn(
      `the job ${job ?? this.#options.jobFile} posts messages on parentPort: nobody reads them there, and they are ignored`,
    );
  }

  #warn(message: string): void {
    this.#options.onLog({ type: "log", level: "warn", message, fields: null });
  }
}
