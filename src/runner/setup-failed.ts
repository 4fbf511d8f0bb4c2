/** The job's `setup` failed. Nothing is wrong with the chunk that waited for it. */
import { FanjoinError } from "../core/errors/errors.ts";

export class SetupFailed extends FanjoinError {
  /** How often it has failed in a row, in one thread or Lambda environment. */
  readonly failures: number;

  constructor(message: string, failures: number, options?: { cause?: unknown }) {
    super("SETUP_FAILED", message, options);
    this.failures = failures;
  }
}
